-- The suite of credentials: awl run credentials.lua FOLDER. Each case runs in a process
-- of its own (credentials/case.lua), with its environment and its files.
local awl = require "awl"
local here = arg[0]:match "^(.*/)" or ""
local process = require "awl.core.process"

local folder = assert(arg[1], "usage: awl run credentials.lua FOLDER")
local scratch = os.tmpname()
os.remove(scratch)
awl.fs.mkdir(scratch)

local KEPT = { PATH = true, ASAN_OPTIONS = true, UBSAN_OPTIONS = true, LSAN_OPTIONS = true }
local TIMEOUT = 60

-- ---- running a case ----

--- The case's environment and nothing else.
local function environment(wanted)
  local env = {}
  local listed <close> = process.start({ "env", "-0" }, { stdin = "null", stdout = "pipe" })
  for name in (listed:read "a"):gmatch "([^=%z]+)=[^%z]*" do
    if not KEPT[name] then env[name] = false end
  end
  for name, value in pairs(wanted or {}) do env[name] = value end
  return env
end

local function run(argv)
  local child <close> = process.start(argv, { stdin = "null", stdout = "null", stderr = "null" })
  assert(child:wait() == 0, argv[1] .. " failed")
end

local made = 0

--- A folder for the files of a case: a copy of `from`, or an empty one.
local function new_root(from)
  made = made + 1
  local root = ("%s/%d"):format(scratch, made)
  awl.fs.mkdir(root)
  if from and awl.fs.exists(from) then run { "cp", "-R", from .. "/.", root } end
  return root
end

local function run_case(kind, root, case, env)
  local path = root .. ".json"
  awl.fs.write_file(path, awl.json.encode(case))
  local child <close> = process.start(
    { process.self(), "run", here .. "credentials/case.lua", kind, root, path },
    { stdin = "null", stdout = "pipe", stderr = "pipe", env = environment(env) })
  local ok, output, complaints, status = pcall(awl.timeout, TIMEOUT, function()
    return child:read "a", child:read_error "a", child:wait()
  end)
  if not ok then
    child:kill()
    return "no end: " .. tostring(output)
  end
  output = output:gsub("%s+$", "")
  if status ~= 0 then return "the process ended badly: " .. complaints end
  return output ~= "" and output or nil
end

-- ---- finding the cases ----

local cases = {}

local function add(kind, name, case, env, root)
  cases[#cases + 1] = { kind = kind, name = name, case = case, env = env, root = root }
end

local function read_json(path) return awl.json.decode(awl.fs.read_file(path)) end

local function add_folders(kind)
  local path = folder .. "/" .. kind
  if not awl.fs.exists(path) then return end
  for _, name in ipairs(awl.fs.list(path)) do
    local base = path .. "/" .. name
    local case = read_json(base .. "/test-case.json")
    local traffic = base .. "/http-traffic.json"
    case.traffic = awl.fs.exists(traffic) and read_json(traffic) or nil
    add(kind, name, case, read_json(base .. "/env.json"), base .. "/fs")
  end
end

local function each(file, fn)
  local path = ("%s/%s.json"):format(folder, file)
  if not awl.fs.exists(path) then return end
  local document = read_json(path)
  for i, case in ipairs(document.tests or document) do fn(case, i) end
end

local HOME = { HOME = "/home" }

for _, kind in ipairs { "provider-chain", "provider-chain-sso", "profile-provider",
                        "token-provider-chain" } do
  add_folders(kind)
end
each("login-provider-tests", function(case)
  local profile = case.configContents:match "%[profile%s+([^%]%s]+)"
  add("login-provider-tests", case.documentation, case,
    { HOME = "/home", AWS_PROFILE = profile, AWS_REGION = "us-east-1" })
end)
each("assume-role-tests", function(case, i)
  add("assume-role-tests", ("%d %s"):format(i, case.docs), case,
    { HOME = "/home", AWS_PROFILE = case.input.selected_profile, AWS_REGION = "us-east-1",
      AWS_ACCESS_KEY_ID = "AKIDENV", AWS_SECRET_ACCESS_KEY = "secret",
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/credentials" })
end)
each("config-file-location-tests", function(case)
  if case.platform ~= "windows" then
    case.language_home = case.languageSpecificHome
    add("config-file-location-tests", case.name, case, case.environment)
  end
end)
for _, kind in ipairs { "ecs-uri-tests", "ecs-request-tests" } do
  each(kind, function(case) add(kind, case.docs or case.description, case, case.env) end)
end
each("ecs-response-tests", function(case)
  add("ecs-response-tests", case.description, case,
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = "/credentials" })
end)
each("imds-endpoint-tests", function(case)
  local root = new_root()
  for name, text in pairs(case.fs) do awl.fs.write_file(root .. "/" .. name, text) end
  add("imds-endpoint-tests", case.docs, case, case.env, root)
end)
each("imds-credentials-tests", function(case)
  local env = case.config.envVars
  add("imds-credentials-tests", case.summary, case, env ~= awl.json.null and env or HOME)
end)
each("modular-chain-tests", function(case)
  local env = { HOME = "/home", AWS_REGION = "us-east-1" }
  for name, value in pairs(case.input.env or {}) do env[name] = value end
  add("modular-chain-tests", case.id, case, env)
end)

--- Named inputs, put together.
local function add_endpoint_urls()
  local path = folder .. "/endpoint-url-tests.json"
  if not awl.fs.exists(path) then return end
  for _, suite in ipairs(read_json(path).testSuites) do
    for _, case in ipairs(suite.endpointUrlTests) do
      local env = { HOME = "/home", AWS_PROFILE = case.profile }
      for name, value in pairs(suite.environments[case.environment]) do env[name] = value end
      case.profiles, case.services = suite.profiles, suite.services
      case.client_config = suite.client_configs[case.client_config]
      add("endpoint-url-tests", case.name, case, env)
    end
  end
end
add_endpoint_urls()

-- ---- all of them ----

local results = awl.map(cases, function(item)
  return { problem = run_case(item.kind, new_root(item.root), item.case, item.env) }
end, { concurrency = 4 })

local passed, failed, skipped = 0, #results.failed, 0
for _, failure in ipairs(results.failed) do
  print(("FAIL credentials %s/%s: %s"):format(failure.item.kind, failure.item.name, failure.error))
end
for i, item in ipairs(cases) do
  local problem = results.results[i] and results.results[i].problem
  local name = ("credentials %s/%s"):format(item.kind, item.name)
  if results.results[i] and not problem then
    passed = passed + 1
  elseif problem and problem:find "^SKIP " then
    skipped = skipped + 1
    print(("SKIP %s: %s"):format(name, problem:sub(6)))
  elseif problem then
    failed = failed + 1
    print(("FAIL %s: %s"):format(name, problem))
  end
end
run { "rm", "-rf", scratch }
print(("credentials: %d passed, %d failed, %d skipped"):format(passed, failed, skipped))
os.exit(failed == 0)
