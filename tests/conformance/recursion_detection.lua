-- The suite of the header by which Lambda finds functions that call each other without
-- end: each case is a run of the program with the case's environment.
--
--     awl run recursion_detection.lua FOLDER
local awl = require "awl"
local process = require "awl.core.process"

local HEADER = "X-Amzn-Trace-Id"

-- The run of a case, which prints the header of a request; after --prepare comes what the
-- request has before.
if arg[1] == "--prepare" then
  local client = awl.client("sqs", { region = "us-east-1", sign = false })
  local given = arg[2] and { [HEADER] = arg[2] }
  io.write(client:prepare("list_queues", {}, { headers = given }).headers[HEADER] or "")
  return
end

local folder = assert(arg[1], "usage: awl run recursion_detection.lua FOLDER")

--- The value of the header in the suite's list, "" if it is not there.
local function header_of(headers)
  return headers[1] and headers[1]:match("^" .. HEADER:gsub("%-", "%%-") .. ": (.*)$") or ""
end

local function header_sent(case)
  local argv = { process.self(), "run", arg[0], "--prepare" }
  if case.requestHeadersBefore[1] then argv[5] = header_of(case.requestHeadersBefore) end
  local child <close> = process.start(argv, { env = case.env, stdout = "pipe" })
  local sent = child:read "a"
  return child:wait() == 0 and sent or nil
end

local path = folder .. "/recursion-detection.json"
local cases = awl.fs.exists(path) and awl.json.decode(awl.fs.read_file(path)) or {}
local failed = 0
for i, case in ipairs(cases) do
  local wanted, sent = header_of(case.requestHeadersAfter), header_sent(case)
  if sent ~= wanted then
    failed = failed + 1
    print(("FAIL %s %d: %q, not %q"):format(path, i, sent, wanted))
  end
end
print(("%s: %d passed, %d failed, 0 skipped"):format(path, #cases - failed, failed))
os.exit(failed == 0 and 0 or 1)
