--- The bearer token of a profile: that of its sso-session. It comes as credentials do, but
--- speaks for itself.
local read_login = require "awl.credentials.sso_login"
local sso_token = require "awl.credentials.sso_token"

---@type awl.CredentialProvider
local bearer_token = { waits = true, of_profile = true }

function bearer_token.find(context)
  if not context.settings.sso_session then
    return nil, ("profile '%s' has no sso_session"):format(context.profile)
  end
  local token, expiration = sso_token(read_login(context, { "sso_start_url", "sso_region" }))
  return { bearer_token = token, expiration = expiration, provider = "SSO" }
end

return bearer_token
