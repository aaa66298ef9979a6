-- The order of the chain, as a chain made of modules has it.
local awl = require "awl"
local common = ...
local replay = common.replay
local chain = require "awl.credentials.chain"
local EXPIRATION, key_of, machine_answer = common.EXPIRATION, common.key_of, common.machine_answer
local sts_answer, without_null = common.sts_answer, common.without_null

local kinds = {}

local MODULES = {
  core = { "environment", "shared_files", "process", "config_file" },
  sts = { "assume_role", "web_identity" },
  sso = { "sso" }, ecs = { "container" }, imds = { "imds" }, login = { "login" },
}
local PROVIDERS = {
  Environment = { "environment" }, ProfileStaticKeys = { "shared_files", "config_file" },
  ProfileSessionKeys = { "shared_files", "config_file" }, ProfileCredentialProcess = { "process" },
  WebIdentityTokenEnv = { "web_identity" }, ProfileWebIdentity = { "web_identity" },
  ProfileAssumeRole = { "assume_role" }, ProfileSsoSession = { "sso" },
  ProfileLegacySso = { "sso" }, ProfileLogin = { "login" }, EcsContainer = { "container" },
  Ec2InstanceMetadata = { "imds" },
}

local function is_provider(found, wanted)
  for _, name in ipairs(PROVIDERS[wanted] or {}) do
    if name == found then return true end
  end
  return false
end

--- The providers of the modules that are there, in our order.
local function installed(modules)
  local there, names = {}, {}
  for _, module in ipairs(modules) do
    for _, name in ipairs(MODULES[module] or {}) do there[name] = true end
  end
  for _, name in ipairs(MODULES.core) do there[name] = true end
  for _, name in ipairs(chain.order) do
    if there[name] then names[#names + 1] = name end
  end
  return names
end

--- The answer of STS or SSO that a case has.
local function service_answer(input, operation)
  local answer = operation == "GetRoleCredentials" and input.ssoResponse or input.stsResponse
  if not answer or answer.error then error(answer and answer.error or "no answer", 0) end
  if operation == "GetRoleCredentials" then
    return { roleCredentials = { accessKeyId = answer.accessKeyId, expiration = EXPIRATION * 1000,
      secretAccessKey = answer.secretAccessKey, sessionToken = answer.sessionToken } }
  end
  return sts_answer({ AccessKeyId = answer.accessKeyId, SecretAccessKey = answer.secretAccessKey,
    SessionToken = answer.sessionToken, Expiration = EXPIRATION }, answer.accountId)
end

--- The keys that a session uses, by the header of a request.
local function check_given(session, wanted)
  local key = key_of(session:client("sts", { region = "us-east-1" })
    :prepare("GetCallerIdentity", {}))
  return key ~= wanted.accessKeyId and "another key: " .. tostring(key) or nil
end

local function check_resolved(credentials, attempts, expected)
  local last = attempts[#attempts]
  if not credentials then return tostring(last and (last.error or last.reason)) end
  if not is_provider(last.provider, expected.selectedProvider) then
    return ("%s instead of %s"):format(last.provider, expected.selectedProvider)
  end
  local wanted = expected.resolved
  for name, key in pairs { access_key_id = "accessKeyId", secret_access_key = "secretAccessKey",
      session_token = "sessionToken", account_id = "accountId" } do
    local value = without_null(wanted[key])
    -- An answer of SSO does not name the account: it is the profile's.
    local is_sso_account = last.provider == "sso" and name == "account_id"
    if credentials[name] ~= value and not is_sso_account then
      return ("%s is %s instead of %s"):format(name, credentials[name], value)
    end
  end
  local features = table.concat(expected.featureIds or {}, ",")
  if features ~= "" and credentials.features ~= features then
    return ("the features are %s instead of %s"):format(credentials.features, features)
  end
end

--- Of the providers asked, those that had something to try.
local function check_failed(attempts, expected)
  local tried = {}
  for _, attempt in ipairs(attempts) do
    if attempt.error ~= nil or attempt.provider == "imds" then tried[#tried + 1] = attempt.provider end
  end
  local wanted = expected.resolutionError.providersTried
  if #tried ~= #wanted then return ("%d providers were tried"):format(#tried) end
  for i, name in ipairs(tried) do
    if not is_provider(name, wanted[i]) then return ("%s instead of %s"):format(name, wanted[i]) end
  end
end

local function prepare_sso(input)
  local token = input.ssoResponse and input.ssoResponse.token
  for name, value in (input.configFiles and input.configFiles.aws or "")
      :gmatch "(sso_%a+)%s*=%s*(%S+)" do
    if name == "sso_session" or name == "sso_start_url" then
      common.write_sso_token(value, token)
    end
  end
end

-- What other suites, and the SDKs that people come from, say otherwise.
local CONTRADICTED = {
  ["9"] = "keys beside role_arn: assume-role-tests and botocore assume the role",
}

kinds["modular-chain-tests"] = function(case)
  local input, expected = case.input, case.expected
  if CONTRADICTED[case.id] then return "SKIP " .. CONTRADICTED[case.id] end
  if #(input.customProviders or {}) > 0 then return "SKIP another SDK's custom providers" end
  local text = input.preloadedConfigFile or input.configFiles and input.configFiles.aws
  if text then replay.write_file("/home/.aws/config", text) end
  local token_file = os.getenv "AWS_WEB_IDENTITY_TOKEN_FILE"
  if token_file then replay.write_file(token_file, "token") end
  prepare_sso(input)
  if input.processResponse then common.process_answer(input.processResponse) end
  if input.identityType == "TokenIdentity" then
    local ok, found = common.find_token()
    return (not ok or not found or found.bearer_token ~= expected.resolved.token)
      and "another token: " .. tostring(found) or nil
  end
  if input.clientIdentityResolver then
    local keys = input.clientIdentityResolver
    return check_given(awl.session { credentials = { access_key_id = keys.accessKeyId,
      secret_access_key = keys.secretAccessKey } }, expected.resolved)
  end
  replay.intercept(function(_, operation) return service_answer(input, operation) end,
    function(request) return machine_answer(request.url, input.imdsResponse, input.httpResponse) end)
  local session = awl.session { profile = input.profileNameOverride }
  if input.preloadedConfigFile and input.configFiles then
    replay.write_file("/home/.aws/config", input.configFiles.aws) -- too late
  end
  local credentials, attempts = chain.search(chain.context(session), installed(input.installedModules))
  if expected.resolved then return check_resolved(credentials, attempts, expected) end
  if credentials then return "credentials instead of an error" end
  return check_failed(attempts, expected)
end

return kinds
