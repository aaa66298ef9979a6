--- The order in which credential providers are asked.
---
--- A provider is a module awl.credentials.<name> that returns a table:
---
---   find(context)      credentials, or nil and why there are none here ("AWS_ROLE_ARN is
---                      not set"). It raises, an error value or a text, when it is
---                      configured and fails: that ends the search.
---   waits = true       find may suspend its task
---   of_profile = true  it reads the profile, so a `source_profile` may be served by it
---
--- Reasons and errors are shown to people: no secret may be in them.
---
--- Credentials have access_key_id, secret_access_key and, where known, session_token,
--- account_id, expiration (epoch seconds) and provider (for people; by default the
--- module's name).

---@class awl.CredentialContext
---@field profile string
---@field profile_given boolean the profile was named: the environment has no say
---@field settings table<string, any> those of the profile
---@field session awl.Session for calls: context.session:client("sts", { credentials = false })
---@field refused boolean? a service has called the keys in use expired: no cache will do
---@field visited string[]? the profiles whose roles are being assumed

---@class awl.CredentialProvider
---@field find fun(context: awl.CredentialContext): table?, string?
---@field waits boolean?
---@field of_profile boolean?
---@field features string? codes for the user agent; see call/user_agent.h

---@class awl.CredentialAttempt
---@field provider string
---@field found boolean?
---@field reason string? why it was passed over
---@field error any what it raised

local config = require "awl.config"
local errors = require "awl.core.error"
local log = require "awl.log"

local chain = {}

--- The same order as botocore has.
chain.order = {
  "environment", "assume_role", "web_identity", "sso", "shared_files", "login", "process",
  "config_file", "container", "imds",
}

--- What providers get to see of a session.
---@param session awl.Session
---@return awl.CredentialContext
function chain.context(session, refused)
  return {
    profile = session.profile, profile_given = session.profile_given,
    settings = config.profile(session.profile), session = session, refused = refused,
  }
end

--- The same for another profile: one that is a role's source.
---@param context awl.CredentialContext
---@param profile string
---@return awl.CredentialContext
function chain.of_profile(context, profile)
  return setmetatable({
    profile = profile, profile_given = true, settings = config.profile(profile),
  }, { __index = context })
end

---@param name string
---@return awl.CredentialProvider
local function provider_of(name) return require("awl.credentials." .. name) end

--- The providers that read a profile only.
---@return string[]
function chain.profile_order()
  local names = {}
  for _, name in ipairs(chain.order) do
    if provider_of(name).of_profile then names[#names + 1] = name end
  end
  return names
end

local function passed_over(context, name)
  return name == "environment" and context.profile_given
    and ("the profile '%s' was asked for"):format(context.profile)
end

--- Asks the providers one after the other. Raises nothing: what a provider raised is the
--- last attempt's error.
---@param context awl.CredentialContext
---@param names string[]
---@return table? credentials
---@return awl.CredentialAttempt[] attempts
function chain.search(context, names)
  local attempts = {}
  for _, name in ipairs(names) do
    local provider = provider_of(name)
    local attempt = { provider = name, reason = passed_over(context, name) }
    attempts[#attempts + 1] = attempt
    if not attempt.reason then
      local ok, credentials, reason = pcall(provider.find, context)
      if not ok then
        attempt.error = credentials
        return nil, attempts
      end
      if credentials then
        attempt.found = true
        credentials.provider = credentials.provider or name:gsub("_", " ")
        credentials.features = credentials.features or provider.features
        return credentials, attempts
      end
      attempt.reason = reason
    end
    log.debug("no keys here", { provider = name, reason = attempt.reason })
  end
  return nil, attempts
end

--- The error of a search that found nothing: the last attempt's own, or one that tells
--- why each was passed over.
---@param context awl.CredentialContext
---@param attempts awl.CredentialAttempt[]
function chain.fail(context, attempts)
  local last = attempts[#attempts]
  if last and last.error ~= nil then error(last.error, 0) end
  local tried = {}
  for i, attempt in ipairs(attempts) do
    tried[i] = ("%s: %s"):format(attempt.provider:gsub("_", " "), attempt.reason)
  end
  local ways = context.profile_given and { "--profile" } or {}
  ways[#ways + 1] = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
  ways[#ways + 1] = "a profile with keys in ~/.aws/credentials"
  error(errors.new {
    kind = "config", code = "NoCredentials", providers = attempts,
    message = ("no credentials found: %s; set %s, or try --local, which needs none; " ..
        "'awl doctor' checks what calls depend on")
      :format(table.concat(tried, "; "), table.concat(ways, ", or ")),
  }, 0)
end

--- Credentials from the first provider that has some; raises if none has.
---@param session awl.Session
---@param refused boolean? a service has called the ones in use expired
---@return table credentials
function chain.find(session, refused)
  local context = chain.context(session, refused)
  local credentials, attempts = chain.search(context, chain.order)
  if not credentials then chain.fail(context, attempts) end
  return credentials
end

return chain
