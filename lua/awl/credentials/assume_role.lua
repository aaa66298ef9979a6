--- The role of a profile with role_arn, assumed with the credentials of its
--- source_profile, which may have a role itself, or of its credential_source.
local chain = require "awl.credentials.chain"
local ask_mfa = require "awl.credentials.mfa"
local sts = require "awl.credentials.sts"

local SOURCES = {
  Environment = "environment", Ec2InstanceMetadata = "imds", EcsContainer = "container",
}

---@type awl.CredentialProvider
local assume_role = { waits = true, of_profile = true }

local function has_keys(settings)
  return settings.aws_access_key_id ~= nil or settings.aws_secret_access_key ~= nil
end

local function has_role(settings)
  return settings.role_arn ~= nil and settings.web_identity_token_file == nil
end

--- The reasons why nothing was found, or the error that ended the search.
local function found_nothing(attempts, what)
  local last = attempts[#attempts]
  if last.error ~= nil then error(last.error, 0) end
  local reasons = {}
  for i, attempt in ipairs(attempts) do reasons[i] = attempt.reason end
  error(("%s has no credentials: %s"):format(what, table.concat(reasons, "; ")), 0)
end

local function from_credential_source(context, name)
  local provider = SOURCES[name]
  if not provider then
    error(("profile '%s': credential_source is '%s'; it can be Environment, "
      .. "Ec2InstanceMetadata or EcsContainer"):format(context.profile, name), 0)
  end
  local source = setmetatable({ profile_given = false }, { __index = context })
  local credentials, attempts = chain.search(source, { provider })
  return credentials or found_nothing(attempts,
    ("profile '%s': its credential_source %s"):format(context.profile, name))
end

--- The profiles gone through, the source among them. One may be its own source, for its
--- keys; any other way back is a loop.
local function visit(context, name, settings)
  local visited = { table.unpack(context.visited or { context.profile }) }
  for _, other in ipairs(visited) do
    if other == name and (name ~= context.profile or not has_keys(settings)) then
      error(("the source_profile of '%s' leads back to '%s': %s"):format(context.profile, name,
        table.concat(visited, " -> ") .. " -> " .. name), 0)
    end
  end
  visited[#visited + 1] = name
  return visited
end

local function from_source_profile(context, name)
  local ok, source = pcall(chain.of_profile, context, name)
  if not ok then error(("source_profile of '%s': %s"):format(context.profile, source), 0) end
  source.visited = visit(context, name, source.settings)
  if has_role(source.settings) and not has_keys(source.settings) then
    return assume_role.find(source)
  end
  local names = {}
  for _, provider in ipairs(chain.profile_order()) do
    if provider ~= "assume_role" then names[#names + 1] = provider end
  end
  local credentials, attempts = chain.search(source, names)
  return credentials or found_nothing(attempts, ("the source profile '%s'"):format(name))
end

local function source_of(context)
  local settings = context.settings
  local profile, source = settings.source_profile, settings.credential_source
  if profile and source then
    error(("profile '%s' has both source_profile and credential_source")
      :format(context.profile), 0)
  elseif not profile and not source then
    error(("profile '%s' has role_arn but neither source_profile nor credential_source")
      :format(context.profile), 0)
  end
  if source then return function() return from_credential_source(context, source) end end
  return function() return from_source_profile(context, profile) end
end

local function arguments_of(settings)
  local duration = settings.duration_seconds
  return {
    RoleArn = settings.role_arn, RoleSessionName = settings.role_session_name,
    ExternalId = settings.external_id, SerialNumber = settings.mfa_serial,
    DurationSeconds = duration and duration:find "^%d+$" and math.tointeger(duration) or nil,
  }
end

--- A code is asked for once: nobody sits there when a job of hours wants new keys.
local function code_for(context)
  return function(serial)
    local asked = context.session.mfa_asked or {}
    context.session.mfa_asked = asked
    if asked[serial] then
      error(("profile '%s': new credentials need another code of the MFA device '%s', "
        .. "which is asked for only once"):format(context.profile, serial), 0)
    end
    asked[serial] = true
    return ask_mfa(serial)
  end
end

function assume_role.find(context)
  local settings = context.settings
  if not settings.role_arn then
    return nil, ("profile '%s' has no role_arn"):format(context.profile)
  elseif not has_role(settings) then
    return nil, ("profile '%s' has a web_identity_token_file"):format(context.profile)
  end
  local source = source_of(context)
  local arguments = arguments_of(settings)
  local function ask(client) return sts.assume_role(client, arguments, code_for(context)) end
  local credentials = sts.through_cache(arguments, "assume role", context.refused, ask, function()
    local base = source()
    base.expiration = nil -- STS is the one to say so
    return sts.client(context.session, base)
  end)
  credentials.final = settings.mfa_serial ~= nil or nil
  credentials.features = settings.source_profile and "o,i" or "p,i"
  return credentials
end

return assume_role
