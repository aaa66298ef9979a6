-- The cases of test_lib_task.c: functions that run as the main task.
local cases = {}

local task, errors

local function eq(actual, expected)
  if actual ~= expected then
    error(("got %s, expected %s"):format(tostring(actual), tostring(expected)), 2)
  end
end

local function raises(pattern, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then error("nothing was raised", 2) end
  if not tostring(err):find(pattern) then error("raised: " .. tostring(err), 2) end
  return err
end

local function raises_code(code, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then error("nothing was raised", 2) end
  if type(err) ~= "table" or err.code ~= code then error("raised: " .. tostring(err), 2) end
  return err
end

local function closing(fn) return setmetatable({}, { __close = fn }) end

-- A case, with the modules loaded.
local function case(name, fn)
  cases[name] = function()
    task, errors = require "awl.core.task", require "awl.core.error"
    return fn()
  end
end

-- ---------------------------------------------------------------- waiting

case("sleep lets the time pass", function()
  local start = task.now()
  task.sleep(1.5)
  eq(task.now() - start, 1.5)
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
  assert(tostring(t):find "^task %d+ %(waiting for sleep at .*test_lib_task.lua:%d+%)$", tostring(t))
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
  raises("test_lib_task.lua:%d+: bad argument #1 to 'sleep' %(number expected", function() task.sleep {} end)
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

-- ------------------------------------------------------------- coroutines

case("a generator can wait", function()
  local numbers = coroutine.wrap(function()
    for i = 1, 3 do task.sleep(1) coroutine.yield(i, i * i) end
    return nil
  end)
  local out, start = {}, task.now()
  for i, sq in numbers do out[#out + 1] = i .. ":" .. sq end
  eq(table.concat(out, " "), "1:1 2:4 3:9")
  eq(task.now() - start, 3)
end)

case("coroutines in coroutines can wait", function()
  local co = coroutine.create(function(a)
    local inner = coroutine.wrap(function(b)
      task.sleep(1)
      local c = coroutine.yield(b + 1)
      task.sleep(1)
      return c * 2
    end)
    local x = inner(a)
    local y = coroutine.yield(x)
    task.sleep(1)
    return inner(y)
  end)
  local ok, x = coroutine.resume(co, 10)
  eq(ok, true) eq(x, 11)
  eq(coroutine.status(co), "suspended")
  local ok2, z = coroutine.resume(co, 21)
  eq(ok2, true) eq(z, 42)
  eq(coroutine.status(co), "dead")
  local ok3, err = coroutine.resume(co)
  eq(ok3, false) eq(err, "cannot resume dead coroutine")
  eq(task.now(), 3)
end)

case("a coroutine that is only a wait", function()
  local sleep = coroutine.wrap(task.sleep)
  sleep(2)
  eq(task.now(), 2)
  local resumed = coroutine.create(task.sleep)
  eq(coroutine.resume(resumed, 1), true)
  eq(coroutine.status(resumed), "dead")
end)

case("errors come out of coroutines as in Lua", function()
  local co = coroutine.create(function() task.sleep(1) error("x", 0) end)
  local ok, err = coroutine.resume(co)
  eq(ok, false) eq(err, "x")
  eq(coroutine.status(co), "dead")
  local value = {}
  local _, err2 = pcall(coroutine.wrap(function() task.sleep(1) error(value) end))
  eq(err2, value)
  raises("dead coroutine", function()
    local w = coroutine.wrap(function() end)
    w() w()
  end)
end)

case("the close variables of a wrapped function can wait", function()
  local closed
  local w = coroutine.wrap(function()
    local _ <close> = closing(function() task.sleep(2) closed = true end)
    error("x", 0)
  end)
  raises("x", w)
  eq(closed, true)
  eq(task.now(), 2)
end)

case("yield at the top of a task is an error in words", function()
  raises("coroutine.yield outside a coroutine", coroutine.yield, 1)
  eq(coroutine.isyieldable(), false)
  local _, main = coroutine.running()
  eq(main, true)
  coroutine.wrap(function()
    eq(coroutine.isyieldable(), true)
    local _, inner = coroutine.running()
    eq(inner, false)
  end)()
end)

case("a coroutine that waits cannot be resumed or closed by others", function()
  local co = coroutine.create(function() task.sleep(5) return "end" end)
  local t = task.spawn(function() return coroutine.resume(co) end)
  task.sleep(1)
  eq(coroutine.status(co), "normal")
  local ok, err = coroutine.resume(co)
  eq(ok, false) assert(err:find "waits in another task", err)
  raises("waits in another task", coroutine.close, co)
  local _, value = t:await()
  eq(value, "end")
end)

case("a task's own coroutine cannot be resumed", function()
  local co
  local t = task.spawn(function() co = coroutine.running() task.sleep(1) return 1, 2 end)
  task.sleep(0)
  eq(coroutine.resume(co), false)
  raises("cannot close", coroutine.close, co)
  local a, b = t:await()
  eq(a + b, 3)
  eq(coroutine.status(co), "dead")
  eq(coroutine.resume(co), false)
  eq(coroutine.close(co), true)
  eq(select("#", t:await()), 2)
  local me = coroutine.running()
  eq(coroutine.resume(me), false)
  raises("cannot close a running", coroutine.close, me)
end)

case("a coroutine can be resumed by another task", function()
  local co = coroutine.wrap(function() for i = 1, 4 do task.sleep(1) coroutine.yield(i) end end)
  eq(co(), 1)
  eq(task.spawn(co):await(), 2)
  eq(co(), 3)
  eq(task.spawn(co):await(), 4)
end)

case("close runs the close variables of a suspended coroutine", function()
  local closed
  local co = coroutine.create(function()
    local _ <close> = closing(function()
      closed = true
      raises("cannot wait", task.sleep, 1)
    end)
    coroutine.yield()
  end)
  coroutine.resume(co)
  eq(coroutine.close(co), true)
  eq(closed, true)
  eq(coroutine.status(co), "dead")
  task.sleep(1)
end)

-- -------------------------------------------------------------- canceling

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
  assert(tostring(err):find "canceled while waiting for sleep at .*test_lib_task.lua:%d+", tostring(err))
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

-- -------------------------------------------------------- timeout, shield

case("timeout returns what the function returns", function()
  local a, b, c = task.timeout(5, function(x) task.sleep(1) return x, nil, 3 end, 1)
  eq(a, 1) eq(b, nil) eq(c, 3)
  task.sleep(10) -- its timer is gone
  eq(task.timeout(math.huge, function() task.sleep(1e6) return 1 end), 1)
end)

case("timeout raises Timeout in its caller, and the task goes on", function()
  local err = raises_code("Timeout", task.timeout, 2, function() task.sleep(100) end)
  eq(err.kind, "timeout")
  assert(tostring(err):find "timed out after 2 seconds while waiting for sleep at", tostring(err))
  eq(task.now(), 2)
  task.sleep(1)
  eq(task.now(), 3)
end)

case("a timeout is sticky inside", function()
  raises_code("Timeout", task.timeout, 2, function()
    eq(pcall(task.sleep, 100), false)
    eq(pcall(task.sleep, 100), false)
    task.sleep(1)
  end)
  eq(task.now(), 2)
end)

case("a function that finishes in spite of the timeout has finished", function()
  local value = task.timeout(2, function() pcall(task.sleep, 100) return "done" end)
  eq(value, "done")
end)

case("other errors pass through a timeout", function()
  raises("x", task.timeout, 2, function() task.sleep(1) error("x", 0) end)
  task.sleep(5)
end)

case("the outer timeout passes through the inner one", function()
  local outer = raises_code("Timeout", task.timeout, 2, function()
    local ok, err = pcall(task.timeout, 10, function() task.sleep(100) end)
    eq(ok, false)
    eq(err.code, "Canceled")
    task.sleep(100)
  end)
  assert(tostring(outer):find "after 2 seconds", tostring(outer))
  eq(task.now(), 2)
end)

case("the inner timeout is the inner one's only", function()
  task.timeout(10, function()
    raises_code("Timeout", task.timeout, 2, task.sleep, 100)
    task.sleep(1)
  end)
  eq(task.now(), 3)
end)

case("timeouts at the same time are the outer one's", function()
  raises_code("Timeout", task.timeout, 2, function()
    local _, err = pcall(task.timeout, 2, task.sleep, 100)
    task.sleep(100)
    return err
  end)
  eq(task.now(), 2)
end)

case("a cancel is not taken for a timeout", function()
  local seen
  local t = task.spawn(function()
    local _, err = pcall(task.timeout, 50, task.sleep, 100)
    seen = err.code
    error(err, 0)
  end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
  eq(seen, "Canceled")
end)

case("a shield keeps a cancel away until it ends", function()
  local log = {}
  local t = task.spawn(function()
    task.shield(10, function() task.sleep(5) log[#log + 1] = "shielded" end)
    task.sleep(1)
    log[#log + 1] = "not reached"
  end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
  eq(table.concat(log), "shielded")
  eq(task.now(), 5)
end)

case("a shield ends at its deadline", function()
  local t = task.spawn(function() task.shield(3, task.sleep, 100) end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
  eq(task.now(), 3)
end)

case("a shield bounds nothing unless there is a cancel", function()
  local t = task.spawn(function() task.shield(3, task.sleep, 7) return task.now() end)
  eq(t:await(), 7)
  local u = task.spawn(function() task.shield(3, task.sleep, 7) end)
  task.sleep(5)
  u:cancel()
  raises_code("TaskCanceled", u.await, u)
  eq(task.now(), 12)
end)

case("a timeout inside a shield still counts", function()
  local t = task.spawn(function()
    return task.shield(50, function()
      local _, err = pcall(task.timeout, 2, task.sleep, 100)
      return err.code
    end)
  end)
  task.sleep(1)
  t:cancel()
  eq(t:await(), "Timeout")
  eq(task.now(), 2)
end)

case("a shield inside a shield that has ended still shields", function()
  local t = task.spawn(function()
    return task.shield(2, function()
      return task.shield(20, function() task.sleep(10) return "inner" end)
    end)
  end)
  task.sleep(1)
  t:cancel()
  eq(t:await(), "inner")
end)

case("a generator's timeout binds the generator only", function()
  local gen = coroutine.wrap(function()
    task.timeout(3, function()
      coroutine.yield(1)
      task.sleep(1)
      coroutine.yield(2)
      task.sleep(100)
    end)
  end)
  eq(gen(), 1)
  eq(gen(), 2)
  task.sleep(50) -- its deadline passes while it is suspended
  eq(task.now(), 51)
  raises_code("Timeout", gen)
  task.sleep(1)
end)

case("a generator can be left inside a timeout", function()
  for _ in coroutine.wrap(function() task.timeout(3, coroutine.yield, 1) end) do break end
  task.sleep(10)
  local co = coroutine.create(function() task.timeout(3, coroutine.yield, 1) end)
  coroutine.resume(co)
  eq(coroutine.close(co), true)
  collectgarbage()
  task.sleep(10)
end)

case("a coroutine that dies in a timeout says so", function()
  local co = coroutine.create(function() task.timeout(3, task.sleep, 10) end)
  local ok, err = coroutine.resume(co)
  eq(ok, false) eq(err.code, "Timeout")
  eq(coroutine.status(co), "dead")
  local scope, t = require "awl.scope", nil
  co = coroutine.create(function()
    scope(function(s) t = s:spawn(task.sleep, 10) error("x", 0) end)
  end)
  local ok2, err2 = coroutine.resume(co)
  eq(ok2, false) eq(err2, "x")
  task.sleep(0)
  eq(t:status(), "canceled")
end)

-- ---------------------------------------------------------------- context

case("a context is inherited and bounded", function()
  eq(next(task.context()), nil)
  task.with_context({ region = "eu-west-1" }, function()
    task.with_context({ item = 7 }, function()
      task.sleep(1)
      eq(task.context().region, "eu-west-1")
      eq(task.context().item, 7)
      local t = task.spawn(function()
        eq(task.context().item, 7)
        task.set_context { item = 8 }
        eq(task.context().item, 8)
        eq(task.context().region, "eu-west-1")
      end)
      t:await()
      eq(task.context().item, 7)
    end)
    eq(task.context().item, nil)
    eq(task.context().region, "eu-west-1")
  end)
  eq(next(task.context()), nil)
  raises("x", task.with_context, { a = 1 }, error, "x")
  eq(next(task.context()), nil)
end)

-- --------------------------------------------------- semaphores, channels

case("a semaphore lets so many in, in order", function()
  local s = task.semaphore(2)
  local running, most, order, tasks = 0, 0, {}, {}
  for i = 1, 6 do
    tasks[i] = task.spawn(function()
      local _ <close> = s:acquire()
      order[#order + 1] = i
      running = running + 1
      most = math.max(most, running)
      task.sleep(1)
      running = running - 1
    end)
  end
  for _, t in ipairs(tasks) do t:await() end
  eq(most, 2)
  eq(table.concat(order), "123456")
  eq(task.now(), 3)
  raises("more often", s.release, s)
end)

case("a semaphore's with gives back on an error, and a canceled waiter leaves", function()
  local s = task.semaphore(1)
  raises("x", s.with, s, function() error("x", 0) end)
  local holder = task.spawn(function() return s:with(function(v) task.sleep(5) return v end, "held") end)
  local waiter = task.spawn(function() s:acquire() end)
  local last = task.spawn(function() return s:with(task.now) end)
  task.sleep(1)
  waiter:cancel()
  raises_code("TaskCanceled", waiter.await, waiter)
  eq(holder:await(), "held")
  eq(last:await(), 5)
  local _ <close> = s:acquire()
  raises_code("Timeout", task.timeout, 1, s.acquire, s)
end)

case("a channel hands over values in order", function()
  for _, capacity in ipairs { 0, 1, 3, 100 } do
    local c = task.channel(capacity)
    local producer = task.spawn(function()
      for i = 1, 20 do c:send(i) end
      c:close()
    end)
    local sum, last = 0, 0
    for value in c do
      eq(value, last + 1)
      last = value
      sum = sum + value
      if value % 5 == 0 then task.sleep(0) end
    end
    eq(sum, 210)
    producer:await()
    eq(c:receive(), nil)
    raises_code("ChannelClosed", c.send, c, 1)
  end
end)

case("a channel of no capacity makes the sender wait", function()
  local c = task.channel()
  local sent
  local t = task.spawn(function() c:send("a") sent = task.now() end)
  task.sleep(3)
  eq(sent, nil)
  eq(c:receive(), "a")
  t:await()
  eq(sent, 3)
end)

case("receivers get in turn what is sent", function()
  local c = task.channel(1)
  local got, tasks = {}, {}
  for i = 1, 3 do tasks[i] = task.spawn(function() got[i] = c:receive() end) end
  local canceled = task.spawn(function() c:receive() end)
  task.sleep(1)
  canceled:cancel()
  c:send "a" c:send "b" c:send "c"
  for _, t in ipairs(tasks) do t:await() end
  eq(table.concat(got), "abc")
  c:send(false)
  eq(c:receive(), false)
  raises("value expected", c.send, c, nil)
end)

case("closing wakes those who wait", function()
  local c = task.channel()
  local sender = task.spawn(function() c:send(1) end)
  task.sleep(1)
  c:close()
  raises_code("ChannelClosed", sender.await, sender)
  local d = task.channel()
  local receiver = task.spawn(function() return select("#", d:receive()) end)
  task.sleep(1)
  d:close()
  eq(receiver:await(), 1)
end)

-- ----------------------------------------------------------------- groups

case("scope waits for its tasks", function()
  local scope = require "awl.scope"
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
  local scope = require "awl.scope"
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
  local scope = require "awl.scope"
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
  local scope = require "awl.scope"
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
  local scope = require "awl.scope"
  raises_code("Timeout", task.timeout, 2, scope, function(s)
    s:spawn(task.sleep, 100)
    task.sleep(50)
  end)
  eq(task.now(), 2)
  raises_code("Timeout", task.timeout, 2, scope, function(s) s:spawn(task.sleep, 100) end)
  eq(task.now(), 4)
end)

case("a scope in a generator that is left or closed", function()
  local scope = require "awl.scope"
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
  local scope = require "awl.scope"
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
  local gather = require "awl.gather"
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
  local gather = require "awl.gather"
  local other = task.spawn(task.sleep, 100)
  raises("boom", gather, {
    other,
    function() task.sleep(1) error("boom", 0) end,
    function() task.sleep(50) end,
  })
  eq(task.now(), 1)
  raises_code("TaskCanceled", other.await, other)
end)

-- -------------------------------------------------------------------- try

case("try returns nil and the error for its codes only", function()
  local try = require "awl.try"
  local function fail(code) error(errors.new { kind = "service", code = code, message = "m" }, 0) end
  local a, b = try({ "NoSuchKey" }, function(...) return ... end, 1, 2)
  eq(a, 1) eq(b, 2)
  local value, err = try({ "NoSuch*", "Other" }, fail, "NoSuchKey")
  eq(value, nil) eq(err.code, "NoSuchKey")
  eq(err.traceback, nil)
  eq(select(2, try("Other", fail, "Other")).code, "Other")
  local raised = raises_code("AccessDenied", try, { "NoSuchKey" }, fail, "AccessDenied")
  assert(raised.traceback:find "test_lib_task.lua:%d+: in function", raised.traceback)
  raises("plain", try, { "*" }, error, "plain")
end)

case("try never takes a cancel", function()
  local try = require "awl.try"
  local t = task.spawn(function() try({ "*" }, task.sleep, 100) return "went on" end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
end)

-- -------------------------------------------------------------------- map

case("map keeps the order of the items", function()
  local map = require "awl.map"
  local run = map({ 3, 1, 2 }, function(item, index) task.sleep(item) return item * 10 + index end)
  eq(table.concat(run.results, " "), "31 12 23")
  eq(run.succeeded, 3) eq(run.total, 3) eq(#run.failed, 0)
  eq(run.elapsed, 3)
end)

case("map goes on when an item fails", function()
  local map = require "awl.map"
  local run = map({ "a", "b", "c", "d" }, function(item)
    task.sleep(1)
    if item == "b" then error("bad b", 0) end
    if item == "c" then error(errors.new { code = "Denied", message = "c" }, 0) end
    if item == "d" then return nil end
    return item
  end, { concurrency = 2 })
  eq(run.total, 4) eq(run.succeeded, 2) eq(#run.failed, 2)
  eq(run.results[1], "a") eq(run.results[2], nil) eq(run.results[4], nil)
  local b, c = run.failed[1], run.failed[2]
  eq(b.index, 2) eq(b.item, "b") eq(b.error, "bad b")
  assert(b.traceback:find "stack traceback", b.traceback)
  eq(c.index, 3) eq(c.error.code, "Denied")
  assert(c.error.traceback:find "stack traceback")
  eq(task.now(), 2)
end)

case("map runs so many at a time", function()
  local map = require "awl.map"
  local running, most = 0, 0
  local items = {}
  for i = 1, 30 do items[i] = i end
  local function work()
    running = running + 1
    most = math.max(most, running)
    task.sleep(1)
    running = running - 1
  end
  map(items, work, { concurrency = 7 })
  eq(most, 7)
  eq(task.now(), 5)
  most = 0
  local i = 0
  map(function() i = i + 1 if i <= 30 then return i end end, work, { concurrency = 7 })
  eq(most, 7)
  eq(task.now(), 10)
end)

case("map takes an iterator that waits, only as fast as there is room", function()
  local map = require "awl.map"
  local taken, done, most, inside = 0, 0, 0, 0
  local function items()
    inside = inside + 1
    eq(inside, 1)
    task.sleep(0.1)
    inside = inside - 1
    taken = taken + 1
    most = math.max(most, taken - done)
    if taken <= 10 then return "item" .. taken end
  end
  local run = map(items, function(item, index)
    eq(item, "item" .. index)
    task.sleep(10)
    done = done + 1
    return item
  end, { concurrency = 3 })
  eq(run.total, 10) eq(run.succeeded, 10) eq(run.results[10], "item10")
  eq(most, 3)
end)

case("map takes channels and closes what can be closed", function()
  local map = require "awl.map"
  local c = task.channel(2)
  task.spawn(function() for i = 1, 5 do c:send(i) end c:close() end)
  eq(map(c, function(i) return i end, { concurrency = 2 }).succeeded, 5)
  local closed
  local i = 0
  local pages = setmetatable({}, {
    __call = function() i = i + 1 if i < 3 then return i end end,
    __close = function() closed = true end,
  })
  eq(map(pages, function() end).total, 2)
  eq(closed, true)
end)

case("an error of the iterator is raised when those running have ended", function()
  local map = require "awl.map"
  local i, finished = 0, 0
  raises("no more pages", map, function()
    i = i + 1
    if i == 4 then error("no more pages", 0) end
    return i
  end, function() task.sleep(5) finished = finished + 1 end, { concurrency = 10 })
  eq(finished, 3)
  eq(i, 4)
  eq(task.now(), 5)
end)

case("a canceled map cancels its items and counts no failure", function()
  local map = require "awl.map"
  local started, cleaned, after = 0, 0, false
  local t = task.spawn(function()
    map({ 1, 2, 3, 4 }, function()
      started = started + 1
      local _ <close> = closing(function() cleaned = cleaned + 1 end)
      task.sleep(100)
    end, { concurrency = 2 })
    after = true
  end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
  eq(started, 2) eq(cleaned, 2) eq(after, false)
  raises_code("Timeout", task.timeout, 2, map, { 100 }, task.sleep)
end)

case("an item may fail by awaiting a task that was canceled, or by its own timeout", function()
  local map = require "awl.map"
  local other = task.spawn(task.sleep, 100)
  local run = map({ "await", "timeout" }, function(item)
    if item == "await" then other:await() end
    task.timeout(1, task.sleep, 50)
  end, { concurrency = (function() other:cancel() return 2 end)() })
  eq(#run.failed, 2)
  local codes = { run.failed[1].error.code, run.failed[2].error.code }
  table.sort(codes)
  eq(table.concat(codes, " "), "TaskCanceled Timeout")
end)

case("map without results keeps none", function()
  local map = require "awl.map"
  local i = 0
  local run = map(function() i = i + 1 if i <= 1000 then return i end end, function(n)
    if n % 100 == 0 then error("x", 0) end
    return n
  end, { results = false })
  eq(run.results, nil) eq(run.succeeded, 990) eq(#run.failed, 10)
end)

case("map gives each item its key in the context", function()
  local map = require "awl.map"
  local seen = {}
  task.with_context({ region = "r" }, map, { "a", { 1 }, 7 }, function(_, index)
    task.sleep(1)
    seen[index] = tostring(task.context().item) .. task.context().region
    task.spawn(function() seen[index + 10] = task.context().item end):await()
  end)
  eq(seen[1], "ar") eq(seen[2], "2r") eq(seen[3], "7r")
  eq(seen[11], "a")
end)

case("map refuses what it cannot take", function()
  local map = require "awl.map"
  raises("a table with keys but no sequence", map, { a = 1 }, print)
  raises("items expected, got nil", map, nil, print)
  raises("function expected, got nil", map, {}, nil)
  raises("no option 'concurency'", map, {}, print, { concurency = 3 })
  raises("'concurrency' must be", map, {}, print, { concurrency = 0 })
  raises("'concurrency' must be", map, {}, print, { concurrency = "3" })
  eq(map({}, print).total, 0)
  local err = raises("keys", function() map({ a = 1 }, print) end)
  assert(err:find "test_lib_task.lua:%d+:", err)
end)

-- ---------------------------------------------------------------- require

case("a module may wait while it loads, and another task waits for it", function()
  local loads = 0
  package.preload.slow = function(name, data)
    loads = loads + 1
    eq(name, "slow") eq(data, ":preload:")
    task.sleep(3)
    return { value = 42 }
  end
  local a = task.spawn(function() return require("slow"), task.now() end)
  local b = task.spawn(function() task.sleep(1) return require("slow"), task.now() end)
  local ma, ta = a:await()
  local mb, tb = b:await()
  eq(ma, mb) eq(ta, 3) eq(tb, 3) eq(loads, 1) eq(ma.value, 42)
  eq(require "slow", ma)
end)

case("require follows Lua's rules for values", function()
  package.preload.nothing = function() end
  package.preload.sets = function(name) package.loaded[name] = "set" end
  package.preload.no = function() return false end
  local value, data = require "nothing"
  eq(value, true) eq(data, ":preload:")
  eq(require "sets", "set")
  eq(require "no", false)
  local err = raises("module 'not.there' not found:", require, "not.there")
  assert(err:find "no field package.preload%['not.there'%]", err)
  assert(err:find "no file '", err)
end)

case("a module that fails to load is tried again by who waited", function()
  local loads = 0
  package.preload.flaky = function()
    loads = loads + 1
    task.sleep(1)
    if loads == 1 then error("not yet", 0) end
    return loads
  end
  local a = task.spawn(require, "flaky")
  local b = task.spawn(require, "flaky")
  raises("not yet", a.await, a)
  eq(b:await(), 2)
end)

case("a cycle of requires is an error that names it", function()
  package.preload.a = function() task.sleep(1) return require "b" end
  package.preload.b = function() task.sleep(1) return require "c" end
  package.preload.c = function() return require "a" end
  raises("module 'a' requires itself: a %-> b %-> c %-> a", require, "a")
  raises("module 'b' requires itself", require, "b")
end)

case("a cycle through two tasks is an error that names it", function()
  package.preload.x = function() task.sleep(1) return require "y" end
  package.preload.y = function() task.sleep(2) return require "x" end
  local a = task.spawn(require, "x")
  local b = task.spawn(require, "y")
  local message = raises("requires itself", b.await, b)
  assert(message:find "x %-> y %-> x", message)
  raises("requires itself", a.await, a)
end)

case("a canceled load lets the next one load", function()
  local loads = 0
  package.preload.long = function() loads = loads + 1 task.sleep(10) return loads end
  local a = task.spawn(require, "long")
  local b = task.spawn(require, "long")
  task.sleep(1)
  a:cancel()
  eq(b:await(), 2)
  eq(task.now(), 11)
end)

return cases
