-- The suite of services with rules of their own: requests up to the point where they
-- would be sent, and what answers become.
--
--     awl run customizations.lua FOLDER
local awl = require "awl"
local core = require "awl.core.server"

local folder = assert(arg[1], "usage: awl run customizations.lua FOLDER")
local passed, failed = 0, 0

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do if not equal(value, b[key]) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end

local function client_of(service, case)
  local scopes = case.vendorParams and case.vendorParams.scopedConfig or {}
  local options = {
    region = "us-west-2",
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  }
  for _, scope in ipairs { "client", "operation" } do -- the operation's win
    for key, value in pairs(scopes[scope] or {}) do
      if type(value) ~= "table" then options[key] = value end
    end
    for key, value in pairs(scopes[scope] and scopes[scope].s3 or {}) do
      options[key] = value
    end
  end
  return awl.client(service, options)
end

local function lower(headers)
  local found = {}
  for name, value in pairs(headers) do found[name:lower()] = value end
  return found
end

local function has_parameter(query, parameter)
  for pair in query:gmatch "[^&]+" do
    if pair == parameter or pair == parameter .. "=" then return true end
  end
  return false
end

--- What is wrong with a request, or nil.
local function check_request(case, request)
  local host, path, query = request.url:match "^https://([^/]+)([^?]*)%??(.*)$"
  local wanted_host = case.resolvedHost or case.host
  if request.method ~= case.method then return "method " .. request.method end
  if path ~= case.uri then return "path " .. path end
  if wanted_host and host ~= wanted_host then return "host " .. host end
  for _, parameter in ipairs(case.queryParams or {}) do
    if not has_parameter(query, parameter) then return "query " .. query end
  end
  local headers = lower(request.headers)
  for name, value in pairs(case.headers or {}) do
    if headers[name:lower()] ~= value then
      return ("header %s: %s"):format(name, headers[name:lower()])
    end
  end
  local body = request.body or ""
  if case.bodyMediaType == "application/json" then
    if not equal(awl.json.decode(body), awl.json.decode(case.body)) then return "body " .. body end
  elseif case.body and body ~= case.body then
    return "body " .. body
  end
end

local function run_request(service, operation, case)
  local ok, result = pcall(function()
    return client_of(service, case):prepare(operation, case.params)
  end)
  if not ok then return tostring(result) end
  return check_request(case, result)
end

local function report(service, case, problem)
  if problem then
    failed = failed + 1
    print(("FAIL customizations %s %s: %s"):format(service, case.id, problem))
  else
    passed = passed + 1
  end
end

--- The answer comes from a server of our own on the loopback interface.
local function run_response(service, shape, case)
  local server = core.listen()
  local answering = awl.spawn(function()
    local exchange <close> = server:accept()
    exchange:respond { status = case.code, headers = case.headers or {}, body = case.body or "" }
  end)
  local client = awl.client(service, {
    region = "us-west-2", endpoint_url = ("http://127.0.0.1:%d"):format(server:port()),
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  })
  -- An error's shape says nothing of the operation; any that can raise it will do.
  local is_error = case.code >= 300
  local ok, result = pcall(client.call, client, is_error and "ListObjectsV2" or shape,
    { Bucket = "mybucket" })
  answering:await()
  server:close()
  if is_error then
    if ok then return "it was taken for success" end
    if result.code ~= shape then return "code " .. tostring(result.code) end
    return nil
  end
  if not ok then return tostring(result) end
  for name, value in pairs(case.params or {}) do
    if not equal(result[name], value) then return name .. ": " .. tostring(result[name]) end
  end
end

local function run_group(service, group)
  for _, case in ipairs(group.cases or {}) do
    local run = group.trait == "httpRequestTests" and run_request or run_response
    report(service, case, run(service, group.shape, case))
  end
end

for _, name in ipairs(awl.fs.list(folder)) do
  local service = name:match "^(.+)%.json$"
  if service then
    local groups = awl.json.decode(awl.fs.read_file(folder .. "/" .. name))
    for _, group in ipairs(groups) do run_group(service, group) end
  end
end
print(("customizations: %d passed, %d failed, 0 skipped"):format(passed, failed))
if failed > 0 then os.exit(1) end
