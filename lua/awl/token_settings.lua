--- The bearer tokens of a client's calls, from options, environment and SSO.
local config = require "awl.config"
local core = require "awl.core.client"
local refresh = require "awl.credentials.refresh"

--- A slot that holds the token, or what the function says when the token is needed and
--- once more after the service has called it expired.
local function slot_of(token, features)
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
  core.set_credentials(slot, { bearer_token = token, features = features })
  return slot
end

--- The token of the profile's sso-session, if it has one.
local function sso_slot(session)
  if not config.profile(session.profile).sso_session then return nil end
  return core.credentials(refresh(function()
    local context = require "awl.credentials.chain".context(session)
    return require "awl.credentials.bearer_token".find(context)
  end))
end

--- Adds to `options` what the C side wants to know. A token that the script gives is
--- taken wherever the service allows one; a token of the environment, or of SSO, only where
--- nothing else does, and for Bedrock, whose API keys are meant to be set there.
---@param options table
---@param session awl.Session
---@param given table the client's options as the script gave them
---@param signing_name string
return function(options, session, given, signing_name)
  local in_script = given.token
  if in_script == nil then in_script = session.token end
  local variable = "AWS_BEARER_TOKEN_" .. signing_name:upper():gsub("[%s%-]", "_")
  local in_environment = os.getenv(variable)
  if in_environment == "" then in_environment = nil end
  if in_script == nil and in_environment == nil then
    if session.anonymous then options.sign = false else options.token = sso_slot(session) end
    return
  end
  if in_script ~= nil then
    options.token = slot_of(in_script)
  else
    options.token = slot_of(in_environment, "3")
  end
  options.prefer_token = given.auth_scheme_preference == nil
    and (in_script ~= nil or signing_name == "bedrock")
end
