--- Keys that stand in the profile's section of the credentials file.
local config = require "awl.config"
local static_keys = require "awl.credentials.static_keys"

---@type awl.CredentialProvider
local shared_files = { of_profile = true, features = "n" }

function shared_files.find(context)
  local path = config.credentials_path() or "~/.aws/credentials"
  if not config.load().in_credentials_file[context.profile] then
    return nil, ("profile '%s' has no keys in %s"):format(context.profile, path)
  end
  -- One key may stand here and the other in the config file.
  local credentials, reason = static_keys(context.settings, ("profile '%s'"):format(context.profile))
  if credentials then credentials.provider = "shared file" end
  return credentials, reason
end

return shared_files
