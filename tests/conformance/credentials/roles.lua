-- Chains of profiles and roles.
local awl = require "awl"
local common = ...
local replay = common.replay
local chain = require "awl.credentials.chain"
local config_text, key_of, made_up_keys = common.config_text, common.key_of, common.made_up_keys
local machine_answer = common.machine_answer
local same_settings, search, sts_answer = common.same_settings, common.search, common.sts_answer

local kinds = {}

local NAMED = { Ec2InstanceMetadata = "ASIAIMDS", EcsContainer = "ASIACONTAINER",
  Environment = "AKIDENV" }
local PROCESS = { accessKeyId = "ASIAPROCESS", secretAccessKey = "secret", sessionToken = "token" }

--- The login of the profile that the chain of source profiles begins with.
local function base_login()
  local context = chain.context(awl.session {})
  while context.settings.role_arn and context.settings.source_profile do
    context = chain.of_profile(context, context.settings.source_profile)
  end
  return require "awl.credentials.sso_login"(context, {})
end

local function other_key(found, wanted)
  return found ~= wanted and ("the base is %s instead of %s"):format(found, wanted) or nil
end

--- Checks the first element of a chain: where the keys came from that signed the first
--- call for a role, or that were found if there was none.
local function check_base(base, steps, first_key)
  local name, settings = next(base)
  if name == "AccessKey" then
    return other_key(first_key, settings.access_key_id)
  elseif name == "WebIdentityToken" then
    local step = table.remove(steps, 1)
    if not step or step.operation ~= "AssumeRoleWithWebIdentity" then return "no web identity" end
    return step.input.RoleArn ~= settings.role_arn and "another role: " .. step.input.RoleArn or nil
  elseif name == "Sso" then
    if steps[1] and steps[1].operation == "GetRoleCredentials" then table.remove(steps, 1) end
    local login = base_login()
    return same_settings(settings, {
      sso_account_id = login.account_id, sso_region = login.region,
      sso_role_name = login.role_name, sso_start_url = login.start_url, sso_session = login.name,
    })
  elseif name == "NamedSource" then
    return other_key(first_key, NAMED[settings])
  elseif name == "CredentialProcess" then
    return other_key(first_key, PROCESS.accessKeyId)
  end
  return "a base of a kind that the runner does not know: " .. name
end

local function check_role(step, wanted)
  if not step or step.operation ~= "AssumeRole" then
    return "a role was not assumed: " .. wanted.role_arn
  end
  local session_name = step.input.RoleSessionName
  return same_settings(wanted, {
    role_arn = step.input.RoleArn, external_id = step.input.ExternalId,
    role_session_name = session_name, session_name = session_name,
  })
end

kinds["assume-role-tests"] = function(case)
  local input = case.input
  replay.write_file("/home/.aws/config", config_text(input.profiles, input.sso_sessions))
  for _, profile in pairs(input.profiles) do
    if profile.web_identity_token_file then
      replay.write_file(profile.web_identity_token_file, "token")
    end
    local login = profile.sso_session or profile.sso_start_url
    if login then common.write_sso_token(login) end
  end
  common.process_answer(PROCESS)
  local steps = {}
  replay.intercept(function(_, operation, call_input, request)
    steps[#steps + 1] = { operation = operation, input = call_input, key = key_of(request) }
    if operation == "GetRoleCredentials" then
      return { roleCredentials = { accessKeyId = "ASIASSO", secretAccessKey = "secret",
        sessionToken = "token", expiration = common.EXPIRATION * 1000 } }
    end
    return sts_answer(made_up_keys(#steps))
  end, function(request)
    return machine_answer(request.url, { accessKeyId = NAMED.Ec2InstanceMetadata,
      secretAccessKey = "secret" }, { accessKeyId = NAMED.EcsContainer, secretAccessKey = "secret" })
  end)

  local wanted = case.output.ProfileChain
  local ok, found = search(chain.profile_order())
  if not wanted then return ok and "no error, but wanted: " .. case.output.Error or nil end
  -- A profile may have a login for a token alone.
  if not ok and not (wanted[1].Sso and #wanted == 1) then return tostring(found) end
  local first_key = steps[1] and steps[1].key or ok and found.access_key_id
  local problem = check_base(wanted[1], steps, first_key)
  for i = 2, #wanted do
    problem = problem or check_role(steps[i - 1], wanted[i].AssumeRole)
  end
  return problem
end

return kinds
