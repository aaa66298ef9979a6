-- The services of a machine: a container's, and the metadata service.
local awl = require "awl"
local common = ...
local replay = common.replay
local chain = require "awl.credentials.chain"
local other_keys, search, without_null = common.other_keys, common.search, common.without_null

local kinds = {}

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

kinds["ecs-uri-tests"] = function(case)
  local _, err, sent = ask_container { status = 500 }
  if case.result.ErrorContains then return sent and "asked " .. sent.url or nil end
  if not sent then return tostring(err) end
  return sent.url ~= case.result.Ok and ("%s instead of %s"):format(sent.url, case.result.Ok) or nil
end

kinds["ecs-request-tests"] = function(case)
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

kinds["ecs-response-tests"] = function(case)
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

kinds["imds-endpoint-tests"] = function(case)
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

kinds["imds-credentials-tests"] = function(case)
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

return kinds
