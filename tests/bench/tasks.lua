-- As client.lua, but all N tasks exist at once and C of them at a time are in a call:
--
--     awl tests/bench/tasks.lua N C URL
local awl = require "awl"

local n, concurrency, url = tonumber(arg[1]), tonumber(arg[2]), arg[3]
local sts = awl.client("sts", { region = "us-east-1", endpoint_url = url, max_attempts = 1 })
local semaphore = awl.semaphore(concurrency)

local function work()
  local _ <close> = semaphore:acquire()
  sts:get_caller_identity {}
end

local function run(count)
  local tasks = {}
  for i = 1, count do tasks[i] = awl.spawn(work) end
  for i = 1, count do tasks[i]:await() end
end

run(2 * concurrency)
local wall, cpu = awl.time.monotonic(), os.clock()
run(n)
wall, cpu = awl.time.monotonic() - wall, os.clock() - cpu

local rss_kb = 0
for line in io.lines "/proc/self/status" do
  rss_kb = tonumber(line:match "^VmHWM:%s+(%d+)") or rss_kb
end
print(('{"n":%d,"wall_s":%.6f,"cpu_s":%.6f,"rss_kb":%d}'):format(n, wall, cpu, rss_kb))
