--- Credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and their companions.
local function env(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

---@return table? credentials nil if the variables are not set
return function()
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
    provider = "environment",
  }
end
