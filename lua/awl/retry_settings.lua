--- How a client's calls are repeated, as options and configuration say it.
local config = require "awl.config"
local settings = require "awl.core.settings"

local MODES = { standard = true, adaptive = true, legacy = true }
local KNOWN = { mode = true, max_attempts = true }

local function setting(session, key)
  local value = os.getenv("AWS_" .. key:upper())
  if value and value ~= "" then return value end
  return config.profile(session.profile)[key]
end

local function whole_number(name, value)
  local number = math.tointeger(tonumber(value))
  if value ~= nil and not number then
    error(("%s must be a whole number, not '%s'"):format(name, tostring(value)), 0)
  end
  return number
end

--- The table `retries` of the client's options.
local function in_script(given)
  local retries = given.retries or {}
  if type(retries) ~= "table" then
    error("client option 'retries' must be a table, got " .. type(retries), 0)
  end
  for name in pairs(retries) do
    if not KNOWN[name] then
      error(("unknown field '%s' of 'retries'; there are max_attempts and mode")
        :format(tostring(name)), 0)
    end
  end
  return retries
end

--- Adds to `options` what the C side wants to know.
---@param options table
---@param session awl.Session
---@param given table the client's options as the script gave them
return function(options, session, given)
  local retries = in_script(given)
  local mode = retries.mode or setting(session, "retry_mode")
  if mode ~= nil then
    mode = type(mode) == "string" and mode:lower() or mode
    if not MODES[mode] then
      error(("retry_mode must be standard or adaptive, not '%s'"):format(tostring(mode)), 0)
    end
  end
  options.retry_mode = mode
  options.retry_revision = (os.getenv "AWS_NEW_RETRIES_2026" or ""):lower() == "true"
  options.max_attempts = whole_number("max_attempts", given.max_attempts or retries.max_attempts
    or settings.max_attempts or setting(session, "max_attempts"))
end
