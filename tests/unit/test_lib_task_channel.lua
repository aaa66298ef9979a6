-- Cases of test_lib_task.c: semaphores and channels.
local task = require "awl.core.task"
local cases = require "lib_task_cases"

local case, eq = cases.case, cases.eq
local raises, raises_code = cases.raises, cases.raises_code

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
