-- What tasks cost: CPU nanoseconds a step. Run by `awl tests/bench/scheduler.lua`.
local map = require "awl.map"
local task = require "awl.core.task"

local spawn, sleep = task.spawn, task.sleep

local function measure(name, n, fn)
  collectgarbage()
  local start = os.clock()
  fn(n)
  print(("%-28s %8.0f ns"):format(name, (os.clock() - start) * 1e9 / n))
end

local function work() sleep(0) end

measure("spawn + sleep(0) + await", 1000000, function(n)
  for _ = 1, n do spawn(work):await() end
end)

measure("sleep(0)", 2000000, function(n)
  for _ = 1, n do sleep(0) end
end)

measure("10,000 tasks at once", 500000, function(n)
  for _ = 1, n // 10000 do
    local tasks = {}
    for i = 1, 10000 do tasks[i] = spawn(work) end
    for i = 1, 10000 do tasks[i]:await() end
  end
end)

measure("timeout around a call", 1000000, function(n)
  local function nothing() end
  for _ = 1, n do task.timeout(1, nothing) end
end)

measure("step of a generator", 2000000, function(n)
  local step = coroutine.wrap(function() while true do coroutine.yield(1) end end)
  for _ = 1, n do step() end
end)

measure("item of a map", 300000, function(n)
  local i = 0
  local function items()
    i = i + 1
    if i <= n then return i end
  end
  map(items, work, { results = false })
end)
