--- Credentials that stand in a profile of the shared files.
local config = require "awl.config"

---@param session awl.Session
---@return table? credentials nil if the profile has no keys of its own
return function(session)
  local profile = config.profile(session.profile)
  local id = profile.aws_access_key_id
  if not id or id == "" then
    return nil, ("profile '%s' has no aws_access_key_id"):format(session.profile)
  end
  local secret = profile.aws_secret_access_key
  if not secret or secret == "" then
    error(("profile '%s' has aws_access_key_id but no aws_secret_access_key")
      :format(session.profile), 0)
  end
  return {
    access_key_id = id,
    secret_access_key = secret,
    session_token = profile.aws_security_token or profile.aws_session_token,
    account_id = profile.aws_account_id,
    provider = "shared file",
  }
end
