-- One case of the suite of credentials, in a process with the case's own environment:
--
--     awl run credentials_case.lua KIND ROOT CASE.json
--
-- ROOT is the folder that the machine's files are in. What is wrong is printed; nothing,
-- if all is well; "SKIP reason" for a case that does not apply.
local awl = require "awl"
local here = arg[0]:match "^(.*/)" or ""
local replay = dofile(here .. "replay.lua")
local kind, root, case_path = arg[1], arg[2], arg[3]
local case = awl.json.decode(awl.fs.read_file(case_path))
replay.files(root)
local chain = require "awl.credentials.chain"
local config = require "awl.config"

local kinds = {}

local function without_null(value)
  if value ~= awl.json.null then return value end
  return nil
end

--- How credentials differ from those that are wanted, or nil.
local function other_keys(found, wanted)
  for name, key in pairs { access_key_id = "access_key_id", account_id = "account_id",
      secret_access_key = "secret_access_key", session_token = "session_token",
      expiration = "expiry" } do
    local value = without_null(wanted[key])
    if key == "account_id" then value = value or wanted.accountId end
    if found[name] ~= value then
      return ("%s is %s instead of %s"):format(name, found[name], value)
    end
  end
end

local function search(names)
  return pcall(function()
    local context = chain.context(awl.session {})
    local credentials, attempts = chain.search(context, names)
    if not credentials then chain.fail(context, attempts) end
    return credentials
  end)
end

--- A case with its environment, files and traffic, for the providers of that name.
local function run_recorded(names)
  local exchanges = case.traffic and replay.read(case.traffic) or {}
  replay.set_clock(exchanges)
  local finish = replay.exchanges(exchanges)
  local ok, found = search(names)
  local problem = finish()
  if problem then return problem end
  if case.result.ErrorContains then
    return ok and "credentials instead of an error: " .. case.result.ErrorContains or nil
  end
  if not ok then return tostring(found) end
  return other_keys(found, case.result.Ok)
end

kinds["provider-chain"] = function() return run_recorded(chain.order) end
kinds["provider-chain-sso"] = kinds["provider-chain"]
kinds["profile-provider"] = function() return run_recorded(chain.profile_order()) end

-- ---- tokens and login sessions ----

local function find_token()
  return pcall(function()
    return require "awl.credentials.bearer_token".find(chain.context(awl.session {}))
  end)
end

kinds["token-provider-chain"] = function()
  local exchanges = case.traffic and replay.read(case.traffic) or {}
  replay.set_clock(exchanges)
  local finish = replay.exchanges(exchanges)
  local ok, found, reason = find_token()
  local problem = finish()
  if problem then return problem end
  local wanted = case.result.Ok
  if not wanted then
    return ok and found and "a token instead of an error: " .. case.result.ErrorContains or nil
  end
  if not ok or not found then return tostring(ok and reason or found) end
  if found.bearer_token ~= wanted.token then return "another token: " .. found.bearer_token end
  if wanted.expiration and found.expiration ~= awl.time.parse(wanted.expiration) then
    return "it ends " .. awl.time.iso(found.expiration)
  end
end

local LOGIN_CACHE = "/home/.aws/login/cache/"

--- The markers are written so that no tool takes the keys for real ones.
local function with_key_markers(file)
  if file.dpopKey then
    file.dpopKey = file.dpopKey:gsub("@@BEGIN%-KEY@@", "-----BEGIN PRIVATE KEY-----")
      :gsub("@@END%-KEY@@", "-----END PRIVATE KEY-----")
  end
  return file
end

--- Calls with a proof get the case's answers, in their order.
local function answer_logins(calls)
  local at = 0
  require "awl.core.client".set_gate(function(_, operation, input, options)
    if operation ~= "CreateOAuth2Token" or not options or not options.headers.DPoP then
      return nil -- only prepared, to learn its URL
    end
    at = at + 1
    local call = assert(calls[at], "one call too many")
    for name, value in pairs(call.request.tokenInput) do
      assert(input.tokenInput[name] == value, name .. " is another")
    end
    if call.response.tokenOutput then return { tokenOutput = call.response.tokenOutput } end
    error(require "awl.core.error".new { kind = "service", code = "AccessDeniedException",
      status = call.response.responseCode, message = "refused" }, 0)
  end)
  return function() return at ~= #calls and ("%d of %d calls were made"):format(at, #calls) or nil end
end

local function same(wanted, found)
  if type(wanted) ~= "table" or type(found) ~= "table" then return wanted == found end
  for name, value in pairs(wanted) do if not same(value, found[name]) then return false end end
  for name in pairs(found) do if wanted[name] == nil then return false end end
  return true
end

local check_login = {}

function check_login.error(_, ok) return ok and "credentials instead of an error" or nil end

function check_login.credentials(outcome, ok, found)
  if not ok then return tostring(found) end
  for name, key in pairs { access_key_id = "accessKeyId", session_token = "sessionToken",
      secret_access_key = "secretAccessKey", account_id = "accountId" } do
    if found[name] ~= outcome[key] then return name .. " is another" end
  end
  if outcome.expiresAt and found.expiration ~= awl.time.parse(outcome.expiresAt) then
    return "they end " .. awl.time.iso(found.expiration)
  end
end

function check_login.cacheContents(outcome)
  for name, wanted in pairs(outcome) do
    if name ~= "result" then
      local found = awl.json.decode(awl.fs.read_file(LOGIN_CACHE .. name))
      if not same(with_key_markers(wanted), found) then return name .. " is another" end
    end
  end
end

kinds["login-provider-tests"] = function()
  require "awl.core.testing".fake_clock(awl.time.parse "2025-11-19T00:00:00Z")
  replay.write_file("/home/.aws/config", case.configContents)
  for name, file in pairs(case.cacheContents) do
    replay.write_file(LOGIN_CACHE .. name, awl.json.encode(with_key_markers(file)))
  end
  local finish = answer_logins(case.mockApiCalls or {})
  local ok, found = search { "login" }
  for _, outcome in ipairs(case.outcomes) do
    local problem = check_login[outcome.result](outcome, ok, found)
    if problem then return problem end
  end
  return finish()
end

-- ---- profiles and roles ----

--- A section of a config file.
local function section(header, settings)
  local lines = { "[" .. header .. "]" }
  for name, value in pairs(settings) do
    if type(value) == "table" then
      lines[#lines + 1] = name .. " ="
      for key, nested in pairs(value) do lines[#lines + 1] = ("  %s = %s"):format(key, nested) end
    else
      lines[#lines + 1] = ("%s = %s"):format(name, value)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

local function config_text(profiles, sso_sessions, services)
  local text = {}
  for _, group in ipairs { { "profile ", profiles }, { "sso-session ", sso_sessions },
      { "services ", services } } do
    for name, settings in pairs(group[2] or {}) do
      text[#text + 1] = section(group[1] .. name, settings)
    end
  end
  return table.concat(text, "\n")
end

local EXPIRATION = 4102444800 -- 2100

local function made_up_keys(number)
  return { AccessKeyId = "ASIASTEP" .. number, SecretAccessKey = "secret", SessionToken = "token",
    Expiration = EXPIRATION }
end

local function sts_answer(keys, account)
  return { Credentials = keys, AssumedRoleUser = { AssumedRoleId = "AROATEST:session",
    Arn = ("arn:aws:sts::%s:assumed-role/role/session"):format(account or "123456789012") } }
end

local function key_of(request)
  for name, value in pairs(request.headers) do
    if name:lower() == "authorization" then return value:match "Credential=([^/]+)" end
  end
  return nil
end

--- What the metadata service, or a container's, says.
local function keys_as_json(keys)
  return awl.json.encode {
    Code = "Success", AccessKeyId = keys.accessKeyId, SecretAccessKey = keys.secretAccessKey,
    Token = keys.sessionToken or "token", AccountId = keys.accountId,
    Expiration = awl.time.iso(EXPIRATION),
  }
end

--- The answers of a metadata service and of a container's.
local function machine_answer(url, imds, container)
  local function give(status, body) return { status = status, headers = {}, body = body } end
  local path = url:match "^%a+://[^/]+(.*)$"
  local is_imds = path:find "^/latest/"
  local wanted = is_imds and imds or not is_imds and container
  if not wanted then return give(404, "") end
  if path == "/latest/api/token" then return give(200, "metadata-token") end
  if wanted.error then return give(404, wanted.error) end
  if path:find "/security%-credentials[%a-]*/$" then return give(200, "role") end
  return give(200, keys_as_json(wanted))
end

local function same_settings(wanted, found)
  for name, value in pairs(wanted) do
    if found[name] ~= value then
      return ("%s is %s instead of %s"):format(name, found[name], value)
    end
  end
end

local NAMED = { Ec2InstanceMetadata = "ASIAIMDS", EcsContainer = "ASIACONTAINER" }

--- Checks the first element of a chain: where the keys came from that signed the first
--- call for a role, or that were found if there was none.
local function check_base(base, steps, first_key)
  local name, settings = next(base)
  if name == "AccessKey" then
    return first_key ~= settings.access_key_id
      and ("the base is %s instead of %s"):format(first_key, settings.access_key_id) or nil
  elseif name == "WebIdentityToken" then
    local step = table.remove(steps, 1)
    if not step or step.operation ~= "AssumeRoleWithWebIdentity" then return "no web identity" end
    return step.input.RoleArn ~= settings.role_arn and "another role: " .. step.input.RoleArn or nil
  elseif name == "Sso" then
    local context = chain.context(awl.session {})
    local login = require "awl.credentials.sso_login"(context, {})
    return same_settings(settings, {
      sso_account_id = login.account_id, sso_region = login.region,
      sso_role_name = login.role_name, sso_start_url = login.start_url, sso_session = login.name,
    })
  elseif name == "NamedSource" then
    local wanted = NAMED[settings] or os.getenv "AWS_ACCESS_KEY_ID"
    return first_key ~= wanted and ("the base is %s instead of %s"):format(first_key, settings) or nil
  end
  return "a base of a kind that the runner does not know: " .. name
end

local function check_role(step, wanted)
  if not step or step.operation ~= "AssumeRole" then return "a role was not assumed: " .. wanted.role_arn end
  local session_name = step.input.RoleSessionName
  return same_settings(wanted, {
    role_arn = step.input.RoleArn, external_id = step.input.ExternalId,
    role_session_name = session_name, session_name = session_name,
  })
end

kinds["assume-role-tests"] = function()
  local input = case.input
  replay.write_file("/home/.aws/config", config_text(input.profiles, input.sso_sessions))
  for _, profile in pairs(input.profiles) do
    if profile.web_identity_token_file then
      replay.write_file(profile.web_identity_token_file, "token")
    end
  end
  local steps = {}
  replay.intercept(function(_, operation, call_input, request)
    steps[#steps + 1] = { operation = operation, input = call_input, key = key_of(request) }
    if operation == "GetRoleCredentials" then
      return { roleCredentials = { accessKeyId = "ASIASSO", secretAccessKey = "secret",
        sessionToken = "token", expiration = EXPIRATION * 1000 } }
    end
    return sts_answer(made_up_keys(#steps))
  end, function(request)
    return machine_answer(request.url, { accessKeyId = NAMED.Ec2InstanceMetadata,
      secretAccessKey = "secret" }, { accessKeyId = NAMED.EcsContainer, secretAccessKey = "secret" })
  end)

  local wanted = case.output.ProfileChain
  local ok, found = search(chain.profile_order())
  if not wanted then return ok and "no error, but wanted: " .. case.output.Error or nil end
  if not ok and not wanted[1].Sso then return tostring(found) end
  local first_key = steps[1] and steps[1].key or ok and found.access_key_id
  local problem = check_base(wanted[1], steps, first_key)
  for i = 2, #wanted do
    problem = problem or check_role(steps[i - 1], wanted[i].AssumeRole)
  end
  return problem
end

-- ---- files ----

kinds["config-file-location-tests"] = function()
  require "awl.core.fs".home = function() return case.languageSpecificHome end
  -- A profile has to be there to be chosen.
  replay.write_file(config.config_path(), config_text { [case.profile] = {} })
  local where = ("%s, %s, %s"):format(config.config_path(), config.credentials_path(),
    awl.session {}.profile)
  local wanted = ("%s, %s, %s"):format(case.configLocation, case.credentialsLocation, case.profile)
  return where ~= wanted and ("%s instead of %s"):format(where, wanted) or nil
end

--- An operation that needs no input.
local function any_operation(service)
  local model = require "awl.core.model".open(service)
  for _, operation in ipairs(model:operations()) do
    local needs = false
    for _, member in ipairs(operation.input and model:shape(operation.input).members or {}) do
      needs = needs or member.required
    end
    if not needs then return operation.name end
  end
end

kinds["endpoint-url-tests"] = function()
  replay.write_file("/home/.aws/config", config_text(case.profiles, nil, case.services))
  local client = awl.client(case.service, case.client_config)
  local url = client:prepare(any_operation(case.service), {}).url
  local wanted = case.output.endpointUrl
  return url:sub(1, #wanted) ~= wanted and ("%s instead of %s"):format(url, wanted) or nil
end

-- ---- containers ----

local function ask_container(response)
  local sent
  replay.intercept(nil, function(request)
    sent = request
    return { status = response.status or 200, headers = response.headers or {},
      body = response.body or "" }
  end)
  require "awl.core.testing".fake_clock(awl.time.now()) -- pauses between tries
  local ok, found = search { "container" }
  return ok, found, sent
end

kinds["ecs-uri-tests"] = function()
  local _, err, sent = ask_container { status = 500 }
  if case.result.ErrorContains then return sent and "asked " .. sent.url or nil end
  if not sent then return tostring(err) end
  return sent.url ~= case.result.Ok and ("%s instead of %s"):format(sent.url, case.result.Ok) or nil
end

kinds["ecs-request-tests"] = function()
  local token_file = case.token_file
  if token_file and token_file.type == "success" then
    replay.write_file(case.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, token_file.content)
  end
  local _, err, sent = ask_container { status = 500 }
  local wanted = case.expect.request
  if case.expect.type == "error" then return sent and "asked " .. sent.url or nil end
  if not sent then return tostring(err) end
  if (sent.method or "GET") ~= wanted.method or sent.url ~= wanted.uri then
    return ("%s %s"):format(sent.method or "GET", sent.url)
  end
  return sent.headers.Authorization ~= wanted.headers.Authorization
    and "another authorization" or nil
end

kinds["ecs-response-tests"] = function()
  local ok, found = ask_container(case.response)
  if case.expect.type == "error" then
    local code = case.expect.metadata and case.expect.metadata.Code
    if ok then return "credentials instead of an error" end
    return code and not tostring(found):find(code, 1, true) and tostring(found) or nil
  end
  if not ok then return tostring(found) end
  local wanted = { expiry = awl.time.parse(case.expect.credentials.expiration) }
  for name, value in pairs(case.expect.credentials) do wanted[name] = value end
  return other_keys(found, wanted)
end

-- ---- the metadata service ----

kinds["imds-endpoint-tests"] = function()
  local sent
  replay.intercept(nil, function(request)
    sent = sent or request.url
    return { status = 400, headers = {}, body = "" }
  end)
  local ok, err = pcall(function()
    local session = awl.session {
      ec2_metadata_service_endpoint = case.endpoint_override,
      ec2_metadata_service_endpoint_mode = case.mode_override,
    }
    local _, attempts = chain.search(chain.context(session), { "imds" })
    if attempts[1].error then error(attempts[1].error, 0) end
  end)
  if not case.result.Ok then return ok and "no error: " .. tostring(sent) or nil end
  return sent ~= case.result.Ok and ("%s instead of %s"):format(sent or err, case.result.Ok) or nil
end

local function imds_outcome(session)
  local credentials, attempts = chain.search(chain.context(session), { "imds" })
  if credentials then return "credentials", credentials end
  return attempts[1].error and "invalid profile" or "no credentials", attempts[1]
end

--- When the recorded keys were new.
local function time_of(expectations)
  for _, expectation in ipairs(expectations) do
    local body = expectation.response.body
    if type(body) == "table" and body.LastUpdated then return awl.time.parse(body.LastUpdated) end
  end
  return awl.time.now()
end

kinds["imds-credentials-tests"] = function()
  local at, problem = 0, nil
  require "awl.core.testing".fake_clock(time_of(case.expectations))
  replay.intercept(nil, function(request)
    local path = request.url:match "^%a+://[^/]+(.*)$"
    if path == "/latest/api/token" then return { status = 200, headers = {}, body = "token" } end
    at = at + 1
    local wanted = case.expectations[at]
    -- The older API's list has long been asked for with a slash at its end.
    if not wanted or wanted.get ~= path:gsub("/$", "") then
      problem = problem or ("%s instead of %s"):format(path, wanted and wanted.get or "an end")
      return { status = 404, headers = {}, body = "" }
    end
    local body = without_null(wanted.response.body)
    return { status = wanted.response.status, headers = {},
      body = type(body) == "table" and awl.json.encode(body) or body or "" }
  end)
  local session = awl.session {
    ec2_instance_profile_name = without_null(case.config.ec2InstanceProfileName) }
  for i, wanted in ipairs(case.outcomes) do
    local outcome, found = imds_outcome(session)
    if problem then return problem end
    if outcome ~= wanted.result then
      return ("outcome %d: %s (%s) instead of %s"):format(i, outcome,
        found.reason or found.error or "", wanted.result)
    elseif outcome == "credentials" and found.account_id ~= without_null(wanted.accountId) then
      return ("outcome %d: account %s"):format(i, found.account_id)
    end
  end
  return at < #case.expectations and "not all was asked for" or nil
end

-- ---- the chain made of modules ----

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

local function process_answer(answer)
  local process = require "awl.core.process"
  local start = process.start
  process.start = function(_, options)
    if answer.error then return start({ "sh", "-c", "echo failed >&2; exit 1" }, options) end
    return start({ "printf", "%s", awl.json.encode {
      Version = 1, AccessKeyId = answer.accessKeyId, SecretAccessKey = answer.secretAccessKey,
      SessionToken = answer.sessionToken, AccountId = answer.accountId } }, options)
  end
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
  local crypto = require "awl.core.crypto"
  for name, value in (input.configFiles and input.configFiles.aws or "")
      :gmatch "(sso_%a+)%s*=%s*(%S+)" do
    if name == "sso_session" or name == "sso_start_url" then
      replay.write_file(("/home/.aws/sso/cache/%s.json"):format(crypto.sha1(value)),
        awl.json.encode { accessToken = input.ssoResponse and input.ssoResponse.token or "token",
          expiresAt = awl.time.iso(EXPIRATION) })
    end
  end
end

-- What other suites, and the SDKs that people come from, say otherwise.
local CONTRADICTED = {
  ["9"] = "keys beside role_arn: assume-role-tests and botocore assume the role",
}

kinds["modular-chain-tests"] = function()
  local input, expected = case.input, case.expected
  if CONTRADICTED[case.id] then return "SKIP " .. CONTRADICTED[case.id] end
  if #(input.customProviders or {}) > 0 then return "SKIP another SDK's custom providers" end
  local text = input.preloadedConfigFile or input.configFiles and input.configFiles.aws
  if text then replay.write_file("/home/.aws/config", text) end
  local token_file = os.getenv "AWS_WEB_IDENTITY_TOKEN_FILE"
  if token_file then replay.write_file(token_file, "token") end
  prepare_sso(input)
  if input.processResponse then process_answer(input.processResponse) end
  if input.identityType == "TokenIdentity" then
    local ok, found = find_token()
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

local ok, problem = pcall(assert(kinds[kind], "there are no cases of the kind " .. kind))
if not ok then problem = "the runner failed: " .. tostring(problem) end
if problem then print(problem) end
