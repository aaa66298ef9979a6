-- The cases of client side monitoring, for what they say without it: how many attempts a
-- call makes of scripted answers, and how it ends. An exception that may be repeated is a
-- connection closed before its answer, of an operation that is idempotent; one that may
-- not is an answer that cannot be read.
--
--     awl run attempts.lua FOLDER
local awl = require "awl"
local fake_service = require "awl.test.fake_service"
local process = require "awl.core.process"
local testing = require "awl.core.testing"

local folder = assert(arg[1], "usage: awl run attempts.lua FOLDER") .. "/csm"
local models = arg[2]

-- The model must be there when the program starts: this one starts itself again.
if not models then
  if not awl.fs.exists(folder .. "/cases.json") then os.exit(0) end
  models = os.tmpname()
  os.remove(models)
  local text = awl.fs.read_file(folder .. "/service-2.json"):gsub('"strucutre"', '"structure"')
  local model = awl.json.decode(text)
  for _, operation in pairs(model.operations) do operation.idempotent = true end
  awl.fs.mkdir(models .. "/csmtest/2018-06-19", { parents = true })
  awl.fs.write_file(models .. "/csmtest/2018-06-19/service-2.json", awl.json.encode(model))
  local status
  do
    local child <close> = process.start({ process.self(), "run", arg[0], arg[1], models },
      { env = { AWS_DATA_PATH = models } })
    status = child:wait()
  end
  awl.fs.remove(models .. "/csmtest/2018-06-19/service-2.json")
  awl.fs.remove(models .. "/csmtest/2018-06-19")
  awl.fs.remove(models .. "/csmtest")
  awl.fs.remove(models)
  os.exit(status)
end

local function answer_of(scripted)
  local exception = scripted.sdkException
  if exception then
    return exception.isRetryable and { close = true } or { status = 200, body = "{" }
  end
  local headers = {}
  for name, value in pairs(scripted.responseHeaders) do headers[name] = value end
  if scripted.errorCode then
    return { status = scripted.httpStatus, code = scripted.errorCode,
             message = scripted.errorMessage, headers = headers }
  end
  return { status = scripted.httpStatus, body = "{}", headers = headers }
end

--- What the last event of the call expects, if the case expects events.
local function summary(case)
  for _, event in ipairs(case.expectedMonitoringEvents) do
    if event.Type == "ApiCall" then return event end
  end
  return {}
end

--- Why the case fails, or nil.
local function run(t, case)
  local wanted = summary(case)
  for _, call in ipairs(case.apiCalls) do
    local answers = {}
    for i, scripted in ipairs(call.attemptResponses) do answers[i] = answer_of(scripted) end
    local fake = fake_service(t, answers)
    local client = fake:client("csmtest", {
      region = "us-west-2",
      retries = wanted.MaxRetriesExceeded == 1 and { max_attempts = #answers } or nil,
    })
    local ok, err = pcall(client.call, client, call.operationName, call.params)
    fake:close()
    if fake.requests ~= (wanted.AttemptCount or #answers) then
      return ("%d attempts, not %d"):format(fake.requests, wanted.AttemptCount or #answers)
    end
    local failure = wanted.FinalAwsException or wanted.FinalSdkException
    if ok ~= (failure == nil) then return ok and "no error" or tostring(err) end
    if wanted.FinalAwsException and err.code ~= wanted.FinalAwsException then return tostring(err) end
    if not ok and wanted.FinalHttpStatusCode and err.status ~= wanted.FinalHttpStatusCode then
      return ("status %s, not %d"):format(err.status, wanted.FinalHttpStatusCode)
    end
  end
  return nil
end

testing.fake_clock(1767225600)
local path = folder .. "/cases.json"
local t = { clock = true, finally = function() end }
local passed, failed = 0, 0
for _, case in ipairs(awl.json.decode(awl.fs.read_file(path)).cases) do
  local why = run(t, case)
  if why then
    failed = failed + 1
    print(("FAIL %s %s: %s"):format(path, case.description, why))
  else
    passed = passed + 1
  end
end
print(("%s: %d passed, %d failed, 0 skipped"):format(path, passed, failed))
os.exit(failed == 0 and 0 or 1)
