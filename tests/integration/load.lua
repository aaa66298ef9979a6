-- N calls at once, each of which the server answers after a while. Prints the wall time
-- and the highest resident memory in MB. Run by load.sh.
local awl = require "awl"
local calls = math.tointeger(arg[1])
local sts = awl.client "sts"

local numbers = {}
for i = 1, calls do numbers[i] = i end

local run = awl.map(numbers, function()
  return sts:get_caller_identity({}, { timeout = 60, read_timeout = 60, max_attempts = 1 }).Account
end, { concurrency = calls })

local peak
for line in io.lines("/proc/self/status") do
  peak = peak or line:match "^VmHWM:%s*(%d+)"
end
for i = 1, math.min(#run.failed, 3) do
  io.stderr:write("  ", tostring(run.failed[i].error), "\n")
end
print(("%d %d %.3f %d"):format(run.succeeded, #run.failed, run.elapsed, math.ceil(peak * 1024 / 1e6)))
os.exit(#run.failed == 0 and 0 or 1)
