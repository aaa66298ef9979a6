--- Keys that stand in the profile's section of the config file: what comes from elsewhere
--- goes before them.
local static_keys = require "awl.credentials.static_keys"

---@type awl.CredentialProvider
local config_file = { of_profile = true, features = "n" }

function config_file.find(context)
  return static_keys(context.settings, ("profile '%s'"):format(context.profile))
end

return config_file
