-- Cases of test_lib_task.c: canceling.
local task = require "awl.core.task"
local cases = require "lib_task_cases"

local case, eq = cases.case, cases.eq
local raises, raises_code, closing = cases.raises, cases.raises_code, cases.closing

case("cancel ends a wait at once", function()
  local t = task.spawn(function() task.sleep(100) end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
  eq(t:status(), "canceled")
  eq(task.now(), 1)
end)

case("a task canceled before its start never runs", function()
  local ran
  local t = task.spawn(function() ran = true end)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
  eq(ran, nil)
end)

case("cancel is sticky", function()
  local caught = {}
  local t = task.spawn(function()
    for i = 1, 3 do
      local ok, err = pcall(task.sleep, 100)
      caught[i] = not ok and err.code
    end
    local ok, err = pcall(task.sleep, 0)
    caught[4] = not ok and err.kind
    return "went on"
  end)
  task.sleep(1)
  t:cancel()
  eq(t:await(), "went on")
  eq(table.concat(caught, " "), "Canceled Canceled Canceled canceled")
  eq(task.now(), 1)
end)

case("the Canceled error says where it was waiting", function()
  local err
  local t = task.spawn(function() err = select(2, pcall(task.sleep, 100)) end)
  task.sleep(1)
  t:cancel()
  t:await()
  assert(tostring(err):find "canceled while waiting for sleep at .*test_lib_task_cancel.lua:%d+", tostring(err))
end)

case("close variables of a canceled task run in order, and can wait in a shield", function()
  local log = {}
  local t = task.spawn(function()
    local _ <close> = closing(function() task.shield(10, task.sleep, 2) log[#log + 1] = "outer" end)
    local _ <close> = closing(function(_, err)
      log[#log + 1] = err.code
      eq(pcall(task.sleep, 1), false)
      task.shield(10, function() task.sleep(1) task.sleep(1) end)
      log[#log + 1] = "inner"
    end)
    task.sleep(100)
  end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
  eq(table.concat(log, " "), "Canceled inner outer")
  eq(task.now(), 5)
end)

case("close variables can wait after an uncaught error", function()
  local closed
  local t = task.spawn(function()
    local _ <close> = closing(function() task.sleep(3) closed = task.now() end)
    error("x", 0)
  end)
  raises("x", t.await, t)
  eq(closed, 3)
end)

case("close variables can wait when a block is left in the usual ways", function()
  local log = {}
  local function guard(name)
    return closing(function() task.sleep(1) log[#log + 1] = name end)
  end
  local function f()
    local _ <close> = guard "return"
    for i = 1, 2 do
      local _ <close> = guard("loop" .. i)
      if i == 2 then break end
    end
    return 1, 2, 3
  end
  eq(select("#", f()), 3)
  raises("second", function()
    local _ <close> = closing(function(_, err) task.sleep(1) eq(err, "second") log[#log + 1] = "e" end)
    local _ <close> = closing(function(_, err) task.sleep(1) eq(err, "first") error("second", 0) end)
    error("first", 0)
  end)
  eq(table.concat(log, " "), "loop1 loop2 return e")
  eq(task.now(), 5)
end)

case("cancel reaches a task that waits inside coroutines", function()
  local closed
  local t = task.spawn(function()
    for _ in coroutine.wrap(function()
      local _ <close> = closing(function() task.shield(5, task.sleep, 1) closed = true end)
      coroutine.yield(1)
      task.sleep(100)
    end) do end
  end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
  eq(closed, true)
  eq(task.now(), 2)
end)

case("a result that came before the cancel is not lost", function()
  local t, got
  local other = task.spawn(function() task.sleep(1) t:cancel() end)
  t = task.spawn(function() task.sleep(1) got = true task.sleep(0) got = "more" end)
  other:await()
  raises_code("TaskCanceled", t.await, t)
  eq(got, true)
end)

case("a task may cancel itself", function()
  local t
  t = task.spawn(function() t:cancel() task.sleep(0) end)
  raises_code("TaskCanceled", t.await, t)
end)
