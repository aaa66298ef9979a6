-- Cases of test_lib_task.c: waiting, and what a wait passes through.
local task = require "awl.core.task"
local cases = require "lib_task_cases"

local case, eq = cases.case, cases.eq
local raises = cases.raises

case("sleep lets the time pass", function()
  local start = task.now()
  task.sleep(1.5)
  eq(task.now() - start, 1.5)
end)

case("sleep rounds up to a microsecond, but not for the remains of a subtraction", function()
  local function now() return math.floor(task.now() * 1e6 + 0.5) end
  for _, uptime in ipairs { 0, 40000, 1e6 } do
    task.sleep(uptime)
    for i = 1, 99 do
      local began, due = now(), task.now() + i / 100
      task.sleep(due - task.now())
      eq(now() - began, i * 10000)
    end
    local began = now()
    task.sleep(1e-8)
    eq(now() - began, 1)
  end
end)

case("whoever sleeps until a time gets there", function()
  for _, uptime in ipairs { 0, 40000, 1e6 } do
    task.sleep(uptime)
    for i = 1, 99 do
      local due, rounds = task.now() + i / 100, 0
      while task.now() < due do
        task.sleep(due - task.now())
        rounds = rounds + 1
        assert(rounds < 10)
      end
    end
  end
end)

case("tasks sleep at the same time", function()
  local order = {}
  local start = task.now()
  local a = task.spawn(function() task.sleep(3) order[#order + 1] = "a" end)
  local b = task.spawn(function() task.sleep(1) order[#order + 1] = "b" end)
  a:await() b:await()
  eq(table.concat(order), "ba")
  eq(task.now() - start, 3)
end)

case("await returns all values, to many", function()
  local t = task.spawn(function(...) task.sleep(1) return ... end, 1, nil, "x", nil)
  local sum = 0
  local waiters = {}
  for i = 1, 5 do
    waiters[i] = task.spawn(function()
      local results = table.pack(t:await())
      eq(results.n, 4) eq(results[1], 1) eq(results[2], nil) eq(results[3], "x")
      sum = sum + 1
    end)
  end
  for _, w in ipairs(waiters) do w:await() end
  eq(sum, 5)
  eq(select("#", t:await()), 4)
end)

case("await raises the same error value to many", function()
  local value = {}
  local t = task.spawn(function() task.sleep(0) error(value) end)
  for _ = 1, 3 do
    local ok, err = pcall(t.await, t)
    eq(ok, false) eq(err, value)
  end
  eq(t:status(), "failed")
end)

case("a task cannot await itself", function()
  local t
  t = task.spawn(function() t:await() end)
  raises("cannot await itself", t.await, t)
end)

case("the status tells where a task is", function()
  local t
  t = task.spawn(function() eq(t:status(), "running") task.sleep(1) end)
  eq(t:status(), "ready")
  task.sleep(0)
  eq(t:status(), "waiting")
  assert(tostring(t):find "^task %d+ %(waiting for sleep at .*test_lib_task_waiting.lua:%d+%)$", tostring(t))
  t:await()
  eq(t:status(), "done")
  assert(tostring(t):find "^task %d+$")
end)

case("a wait passes through pcall and xpcall", function()
  local ok, value = pcall(function() task.sleep(1) return 7 end)
  eq(ok, true) eq(value, 7)
  local ok2, err = xpcall(function() task.sleep(1) error("x", 0) end, function(e) return e .. "y" end)
  eq(ok2, false) eq(err, "xy")
end)

case("a wait passes through iterators and metamethods", function()
  local function steps(n, i) task.sleep(1) if i < n then return i + 1 end end
  local sum = 0
  for i in steps, 4, 0 do sum = sum + i end
  eq(sum, 10)
  local slow = setmetatable({}, {
    __index = function(_, k) task.sleep(1) return k end,
    __newindex = function(t, k, v) task.sleep(1) rawset(t, k, v) end,
    __add = function(_, b) task.sleep(1) return b end,
    __eq = function() task.sleep(1) return true end,
    __lt = function() task.sleep(1) return true end,
    __concat = function(_, b) task.sleep(1) return "c" .. b end,
    __call = function(_, b) task.sleep(1) return b end,
    __len = function() task.sleep(1) return 3 end,
    __unm = function() task.sleep(1) return 4 end,
  })
  eq(slow.abc, "abc")
  slow.x = 1
  eq(rawget(slow, "x"), 1)
  eq(slow + 5, 5)
  eq(slow == setmetatable({}, getmetatable(slow)), true)
  eq(slow < slow, true)
  eq(slow .. "d", "cd")
  eq(slow(9), 9)
  eq(#slow, 3)
  eq(-slow, 4)
end)

case("a wait in a sort or gsub callback is an error in words", function()
  raises("cannot wait inside 'table.sort'", table.sort, { 2, 1, 3 }, function() task.sleep(1) end)
  raises("cannot wait inside 'string.gsub'", string.gsub, "abc", ".", function() task.sleep(1) end)
  raises("cannot wait inside 'tostring'", tostring,
    setmetatable({}, { __tostring = function() task.sleep(1) return "" end }))
  raises("cannot wait", table.sort, { 2, 1, 3 }, function()
    return coroutine.wrap(function() task.sleep(1) return true end)()
  end)
  task.sleep(1) -- all is well afterwards
end)

case("a wait in a finalizer is an error in words", function()
  local message
  setmetatable({}, { __gc = function()
    local _, err = pcall(task.sleep, 1)
    message = err
  end })
  collectgarbage() collectgarbage()
  assert(message:find "cannot wait inside '__gc'", message)
end)

case("bad arguments are errors of the caller", function()
  raises("test_lib_task_waiting.lua:%d+: bad argument #1 to 'sleep' %(number expected", function() task.sleep {} end)
  raises("bad argument #1 to 'sleep' %(seconds expected, got NaN%)", function() task.sleep(0 / 0) end)
  raises("bad argument #1 to 'spawn' %(function expected, got nil%)", function() task.spawn(nil) end)
  raises("bad argument #2 to 'timeout'", function() task.timeout(1, 5) end)
  raises("awl.Task expected", function() task.spawn(print).await({}) end)
end)

case("a callable table can be spawned", function()
  local t = task.spawn(setmetatable({}, { __call = function(_, x) return x end }), 3)
  eq(t:await(), 3)
end)

case("a hundred thousand tasks", function()
  local count, n = 0, os.getenv "AWL_TEST_GC" and 2000 or 100000
  local tasks = {}
  for i = 1, n do
    tasks[i] = task.spawn(function() task.sleep(i % 7) count = count + 1 return i end)
  end
  local sum = 0
  for i = 1, n do sum = sum + tasks[i]:await() end
  eq(count, n)
  eq(sum, n * (n + 1) // 2)
end)
