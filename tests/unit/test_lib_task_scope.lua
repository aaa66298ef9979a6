-- Cases of test_lib_task.c: scope and gather.
local task = require "awl.core.task"
local gather = require "awl.gather"
local scope = require "awl.scope"
local cases = require "lib_task_cases"

local case, eq = cases.case, cases.eq
local raises, raises_code, closing = cases.raises, cases.raises_code, cases.closing

case("scope waits for its tasks", function()
  local log = {}
  local value = scope(function(s, x)
    s:spawn(function() task.sleep(2) log[#log + 1] = "b" s:spawn(function() task.sleep(2) log[#log + 1] = "c" end) end)
    s:spawn(function() task.sleep(1) log[#log + 1] = "a" end)
    return x
  end, 5)
  eq(value, 5)
  eq(table.concat(log), "abc")
  eq(task.now(), 4)
end)

case("the first error of a scope cancels the rest and is raised", function()
  local log = {}
  raises("boom", scope, function(s)
    s:spawn(function()
      local _ <close> = closing(function() task.shield(5, task.sleep, 2) log[#log + 1] = "cleaned" end)
      task.sleep(100)
    end)
    s:spawn(function() task.sleep(1) error("boom", 0) end)
    local ok, err = pcall(task.sleep, 100)
    eq(ok, false) eq(err.code, "Canceled")
    log[#log + 1] = "body"
    task.sleep(1)
  end)
  eq(table.concat(log, " "), "body cleaned")
  eq(task.now(), 3)
  task.sleep(1)
end)

case("an error of a scope's body cancels its tasks", function()
  local t
  raises("mine", scope, function(s)
    t = s:spawn(task.sleep, 100)
    task.sleep(1)
    error("mine", 0)
  end)
  eq(t:status(), "canceled")
  eq(task.now(), 1)
end)

case("a canceled scope cancels its tasks and waits for them", function()
  local child, finished
  local t = task.spawn(function()
    scope(function(s)
      child = s:spawn(function()
        local _ <close> = closing(function() task.shield(5, task.sleep, 2) finished = task.now() end)
        task.sleep(100)
      end)
    end)
  end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
  eq(child:status(), "canceled")
  eq(finished, 3)
end)

case("a scope under a timeout", function()
  raises_code("Timeout", task.timeout, 2, scope, function(s)
    s:spawn(task.sleep, 100)
    task.sleep(50)
  end)
  eq(task.now(), 2)
  raises_code("Timeout", task.timeout, 2, scope, function(s) s:spawn(task.sleep, 100) end)
  eq(task.now(), 4)
end)

case("a scope in a generator that is left or closed", function()
  local t
  local co = coroutine.create(function()
    scope(function(s) t = s:spawn(task.sleep, 100) coroutine.yield() end)
  end)
  coroutine.resume(co)
  task.sleep(1)
  eq(coroutine.close(co), true)
  task.sleep(0)
  eq(t:status(), "canceled")
  for _ in coroutine.wrap(function()
    scope(function(s) t = s:spawn(task.sleep, 100) coroutine.yield(1) end)
  end) do break end
  task.sleep(1)
  collectgarbage() collectgarbage()
  task.sleep(0)
  eq(t:status(), "canceled")
end)

case("what a canceled child does is no error of the scope", function()
  eq(scope(function(s) local t = s:spawn(task.sleep, 9) task.sleep(1) t:cancel() return 1 end), 1)
  local err = raises_code("TaskCanceled", scope, function(s)
    local t = s:spawn(task.sleep, 9)
    task.sleep(1)
    t:cancel()
    t:await()
  end)
  eq(err.kind, "canceled")
end)

case("gather returns the results under the same keys", function()
  local running = task.spawn(function() task.sleep(3) return "t" end)
  local r = gather {
    a = function() task.sleep(2) return 1, 2 end,
    b = running,
    function() return nil end,
    function() return "second" end,
  }
  eq(r.a, 1) eq(r.b, "t") eq(r[1], nil) eq(r[2], "second")
  eq(task.now(), 3)
  eq(next(gather {}), nil)
  raises("neither a function nor a task", gather, { x = 5 })
  raises("table expected", gather, print)
end)

case("the first error of gather cancels the rest, tasks too", function()
  local other = task.spawn(task.sleep, 100)
  raises("boom", gather, {
    other,
    function() task.sleep(1) error("boom", 0) end,
    function() task.sleep(50) end,
  })
  eq(task.now(), 1)
  raises_code("TaskCanceled", other.await, other)
end)
