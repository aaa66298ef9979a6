--- Keys that stand in a section of a file.

local function text(value)
  return type(value) == "string" and value ~= "" and value or nil
end

---@param settings table<string, any> the section's
---@param where string for messages: "profile 'dev'"
---@return table? credentials
---@return string? reason
return function(settings, where)
  local id, secret = text(settings.aws_access_key_id), text(settings.aws_secret_access_key)
  if not id and not secret then return nil, where .. " has no aws_access_key_id" end
  if not secret then
    error(where .. " has aws_access_key_id but no aws_secret_access_key", 0)
  elseif not id then
    error(where .. " has aws_secret_access_key but no aws_access_key_id", 0)
  end
  return {
    access_key_id = id,
    secret_access_key = secret,
    session_token = text(settings.aws_security_token) or text(settings.aws_session_token),
    account_id = text(settings.aws_account_id),
  }
end
