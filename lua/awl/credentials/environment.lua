--- Credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and their companions. With
--- AWS_CREDENTIAL_EXPIRATION they end, and the variables are read again.
local time = require "awl.time"

local function env(name)
  local value = os.getenv(name)
  return value and value:find "%S" and value or nil
end

local function expiration()
  local text = env "AWS_CREDENTIAL_EXPIRATION"
  if not text then return nil end
  local ok, seconds = pcall(time.parse, text)
  if not ok then error("AWS_CREDENTIAL_EXPIRATION is no time: " .. text, 0) end
  return seconds
end

---@type awl.CredentialProvider
local environment = { features = "g" }

function environment.find()
  local id = env "AWS_ACCESS_KEY_ID"
  if not id then return nil, "AWS_ACCESS_KEY_ID is not set" end
  local secret = env "AWS_SECRET_ACCESS_KEY"
  if not secret then
    error("AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not", 0)
  end
  return {
    access_key_id = id,
    secret_access_key = secret,
    session_token = env "AWS_SECURITY_TOKEN" or env "AWS_SESSION_TOKEN",
    account_id = env "AWS_ACCOUNT_ID",
    expiration = expiration(),
  }
end

return environment
