--- Credentials as JSON, as programs and the services of a machine give them.
local json = require "awl.json"
local time = require "awl.time"

local SHOWN = 300 -- bytes of what a service says

local function text(value) return type(value) == "string" and value ~= "" and value or nil end

--- The object in the text; nil if it is none.
---@param body string
---@return table?
local function object(body)
  local ok, value = pcall(json.decode, body)
  return ok and type(value) == "table" and not json.is_array(value) and value or nil
end

--- For one line of a terminal.
local function shown(value)
  return text(value) and value:gsub("%c+", " "):sub(1, SHOWN)
end

--- What an error answer says of itself, without anything secret.
---@param value table
---@return string?
local function reason(value)
  local code, message = shown(value.Code or value.code), shown(value.Message or value.message)
  if code and message then return code .. ": " .. message end
  return code or message
end

--- Credentials from the object, or nil and which member is missing or wrong.
---@param value table
---@param token string the member with the session token
---@return table? credentials
---@return string? missing
local function credentials(value, token)
  local found = {
    access_key_id = text(value.AccessKeyId), secret_access_key = text(value.SecretAccessKey),
    session_token = text(value[token]), account_id = text(value.AccountId),
  }
  if not found.access_key_id then return nil, "AccessKeyId" end
  if not found.secret_access_key then return nil, "SecretAccessKey" end
  if text(value.Expiration) then
    local ok, seconds = pcall(time.parse, value.Expiration)
    if not ok then return nil, "Expiration" end
    found.expiration = seconds
  end
  return found
end

return { object = object, reason = reason, credentials = credentials }
