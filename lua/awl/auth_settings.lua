--- How a client's calls prove who makes them, as options and configuration say it:
--- preferred schemes, SigV4A's regions, bearer tokens.
local config = require "awl.config"
local core = require "awl.core.client"

--- A list as text, its names with commas between them.
local function joined(name, value)
  if type(value) == "table" then value = table.concat(value, ",") end
  if value ~= nil and type(value) ~= "string" then
    error(("client option '%s' must be a string or a list, got %s"):format(name, type(value)), 0)
  end
  return value and (value:gsub("%s+", ""))
end

local function setting(session, key)
  local value = os.getenv("AWS_" .. key:upper())
  if value and value ~= "" then return value end
  return config.profile(session.profile)[key]
end

local function option(session, given, key)
  local value = given[key]
  if value == nil then value = setting(session, key) end
  return joined(key, value)
end

--- A slot that holds the token, or what the function says when the token is needed and
--- once more after the service has called it expired.
local function slot_of(token)
  if type(token) == "function" then
    return core.credentials(function(slot)
      local value, expiration = token()
      core.set_credentials(slot, { bearer_token = value, expiration = expiration })
    end)
  end
  if type(token) ~= "string" or token == "" then
    error("a token must be a string or a function that returns one, got " .. type(token), 0)
  end
  local slot = core.credentials()
  core.set_credentials(slot, { bearer_token = token })
  return slot
end

--- Adds to `options` what the C side wants to know. A token that the script gives is
--- taken wherever the service allows one; a token of the environment only where nothing
--- else does, and for Bedrock, whose API keys are meant to be set there.
---@param options table
---@param session awl.Session
---@param given table the client's options as the script gave them
---@param signing_name string
return function(options, session, given, signing_name)
  options.auth_scheme_preference = option(session, given, "auth_scheme_preference")
  options.sigv4a_signing_region_set = option(session, given, "sigv4a_signing_region_set")
  local in_script = given.token
  if in_script == nil then in_script = session.token end
  local variable = "AWS_BEARER_TOKEN_" .. signing_name:upper():gsub("[%s%-]", "_")
  local in_environment = os.getenv(variable)
  if in_environment == "" then in_environment = nil end
  if in_script == nil and in_environment == nil then
    if session.anonymous then options.sign = false end
    return
  end
  options.token = slot_of(in_script ~= nil and in_script or in_environment)
  options.prefer_token = given.auth_scheme_preference == nil
    and (in_script ~= nil or signing_name == "bedrock")
end
