--- What session:assume_role takes, as AssumeRole wants it.
local ask_mfa = require "awl.credentials.mfa"
local json = require "awl.json"

local NAMES = {
  role_arn = "RoleArn", role_session_name = "RoleSessionName", external_id = "ExternalId",
  duration_seconds = "DurationSeconds", mfa_serial = "SerialNumber",
  source_identity = "SourceIdentity", transitive_tag_keys = "TransitiveTagKeys",
}

local role_options = {}

--- The names of all options.
role_options.names = { policy = true, policy_arns = true, tags = true, mfa_code = true }
for name in pairs(NAMES) do role_options.names[name] = true end

local function as_tags(tags)
  local list = {}
  for key, value in pairs(tags) do list[#list + 1] = { Key = key, Value = value } end
  table.sort(list, function(a, b) return a.Key < b.Key end)
  return list
end

local function as_arns(arns)
  local list = {}
  for i, arn in ipairs(arns) do list[i] = { arn = arn } end
  return list
end

---@param options table
---@return table arguments of AssumeRole
function role_options.arguments(options)
  if type(options.role_arn) ~= "string" then
    error("role_arn must be a string, got " .. type(options.role_arn), 0)
  end
  local arguments = {}
  for name, member in pairs(NAMES) do arguments[member] = options[name] end
  local policy = options.policy
  arguments.Policy = type(policy) == "table" and json.encode(policy) or policy
  arguments.PolicyArns = options.policy_arns and as_arns(options.policy_arns)
  arguments.Tags = options.tags and as_tags(options.tags)
  return arguments
end

--- Where the code of the MFA device comes from: the options, else the terminal. Either is
--- good once, unless the option is a function.
---@param options table
---@return fun(serial: string): string
function role_options.code(options)
  local given, used = options.mfa_code, false
  if type(given) == "function" then return given end
  return function(serial)
    if used then
      error(("new credentials for '%s' need another code of the MFA device '%s', which is "
        .. "asked for only once"):format(options.role_arn, serial), 0)
    end
    used = true
    return given and tostring(given) or ask_mfa(serial)
  end
end

return role_options
