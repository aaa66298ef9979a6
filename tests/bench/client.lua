-- Measures calls as a script makes them, to be compared with other clients:
--
--     awl tests/bench/client.lua OP N C URL
--
-- makes N calls of OP, C at a time, against the endpoint URL, reads each answer to its
-- end, and prints one JSON line: {"n":N,"wall_s":..,"cpu_s":..,"rss_kb":..} (user and
-- system CPU of those N calls; the process's largest resident set). OP is one of
-- operations.lua, or trek: one list100, then N times acl. Unless PERF_COLD is set,
-- min(N, 2C) calls come first to warm up. Keys come from the environment, the CA from
-- AWS_CA_BUNDLE; put256m sends the file that BENCH_FILE names. Exit status 0, or 1 if a
-- call failed.
local awl = require "awl"

local here = arg[0]:match "^(.*/)" or "./"
local operations = dofile(here .. "operations.lua")
local op, n, concurrency, url = arg[1], tonumber(arg[2]), tonumber(arg[3]), arg[4]

if not (op and n and concurrency and url) or not (operations[op] or op == "trek") then
  io.stderr:write "usage: awl client.lua OP N C URL\n"
  os.exit(2)
end

local function caller(name)
  local spec = operations[name]
  local client = awl.client(spec.service, {
    region = "us-east-1",
    endpoint_url = url,
    addressing_style = "path",
    max_attempts = 1,
    request_checksum_calculation = name == "put256m" and "when_supported" or nil,
  })
  local call, input, body = client[spec.operation], spec.input, spec.body
  if name == "put256m" then
    return function()
      local file <close> = awl.fs.open(os.getenv "BENCH_FILE")
      call(client, { Bucket = input.Bucket, Key = input.Key, Body = file })
    end
  end
  if not body then return function() call(client, input) end end
  return function()
    for _ in call(client, input)[body]:chunks() do end
  end
end

-- 1 to count, without a table of that length.
local function numbers(count)
  local i = 0
  return function()
    i = i + 1
    return i <= count and i or nil
  end
end

local failed = false

local function run(call, count)
  local outcome = awl.map(numbers(count), call, { concurrency = concurrency, results = false })
  if #outcome.failed > 0 then
    failed = true
    io.stderr:write(tostring(outcome.failed[1].error), "\n")
  end
end

local function rss_kb()
  for line in io.lines "/proc/self/status" do
    local kb = line:match "^VmHWM:%s+(%d+)"
    if kb then return tonumber(kb) end
  end
  return 0
end

local first = op == "trek" and caller "list100"
local call = caller(op == "trek" and "acl" or op)

if not os.getenv "PERF_COLD" then run(call, math.min(n, 2 * concurrency)) end

local wall, cpu = awl.time.monotonic(), os.clock()
if first then first() end
run(call, n)
wall, cpu = awl.time.monotonic() - wall, os.clock() - cpu

print(('{"n":%d,"wall_s":%.6f,"cpu_s":%.6f,"rss_kb":%d}'):format(n, wall, cpu, rss_kb()))
os.exit(failed and 1 or 0)
