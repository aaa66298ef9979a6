#!/usr/bin/env awl
-- Runs the system test of many configurations at once: each is one invocation of a Lambda
-- function, which is told the configuration and says whether the test was passed.
--
-- IAM actions: lambda:InvokeFunction on the function.
--
-- The function gets { "configuration_identifier": "config_7", "system_test": true } and
-- returns { "system_test_successful": true } if the test was passed.
local awl = require "awl"

local parser = awl.args("system_test.lua",
  "Invokes a Lambda function for every configuration, all at once, and tells which ones "
  .. "fail. Exit code 1 if one did.")
parser:option("--function", "the name of the function", "system-test"):argname "NAME"
  :target "function_name"
parser:option("--count", "test config_0 to config_N-1", "40"):argname "N":convert(math.tointeger)
parser:option("--configurations", "test those in this file instead, one a line"):argname "FILE"
parser:option("--concurrency", "how many at a time (default: all)"):argname "N"
  :convert(math.tointeger)
parser:epilog [[
Try it with no AWS account: awl --local scripts/system_test.lua
The function is then functions/system_test.lua beside this script. Against moto, a function
of that name must have been made first (aws lambda create-function).]]
local options = parser:parse()

local RULER = ("-"):rep(78)

--- The identifiers to test, in order.
local function configurations()
  local ids = {}
  if options.configurations then
    for line in io.lines(options.configurations) do
      local id = line:match "^%s*(.-)%s*$"
      if id ~= "" then ids[#ids + 1] = id end
    end
  else
    for i = 0, options.count - 1 do ids[#ids + 1] = "config_" .. i end
  end
  return ids
end

local lambda = awl.client "lambda"

--- What went wrong, in a word or a line; nil if the test was passed.
local function failure(response)
  local ok, answer = pcall(awl.json.decode, response.Payload)
  if not ok or type(answer) ~= "table" then answer = {} end
  if response.FunctionError then
    return answer.errorType or response.FunctionError, answer.errorMessage
  elseif answer.system_test_successful ~= true then
    return "TestFailed", answer.message
  end
end

local function print_failure(id, kind, message, log)
  print(("Configuration %s FAILED the system test: %s%s\n%s\n%s\n%s"):format(id, kind,
    message and " - " .. message or "", RULER, log:gsub("%s+$", ""), RULER))
end

local function system_test(id)
  local response = lambda:invoke({
    FunctionName = options.function_name,
    InvocationType = "RequestResponse",
    LogType = "Tail",
    Payload = awl.json.encode { configuration_identifier = id, system_test = true },
  })
  local kind, message = failure(response)
  if kind then
    print_failure(id, kind, message, awl.base64.decode(response.LogResult or ""))
    return false
  end
  print(("Configuration %s PASSED the system test"):format(id))
  return true
end

local ids = configurations()
if #ids == 0 then error("there are no configurations to test", 0) end

local run = awl.map(ids, system_test, { concurrency = options.concurrency or #ids })
for _, failed in ipairs(run.failed) do
  print_failure(failed.item, type(failed.error) == "table" and failed.error.code or "Error",
    nil, tostring(failed.error))
end

local passed = 0
for i = 1, run.total do
  if run.results[i] then passed = passed + 1 end
end
print(("The system test took %.1f s"):format(run.elapsed))
print(("%d of %d passed the test - %d failed"):format(passed, run.total, run.total - passed))
os.exit(passed == run.total and 0 or 1)
