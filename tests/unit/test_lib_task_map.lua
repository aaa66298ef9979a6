-- Cases of test_lib_task.c: map.
local task = require "awl.core.task"
local errors = require "awl.core.error"
local map = require "awl.map"
local cases = require "lib_task_cases"

local case, eq = cases.case, cases.eq
local raises, raises_code, closing = cases.raises, cases.raises_code, cases.closing

case("map keeps the order of the items", function()
  local run = map({ 3, 1, 2 }, function(item, index) task.sleep(item) return item * 10 + index end)
  eq(table.concat(run.results, " "), "31 12 23")
  eq(run.succeeded, 3) eq(run.total, 3) eq(#run.failed, 0)
  eq(run.elapsed, 3)
end)

case("map goes on when an item fails", function()
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
  local i = 0
  local run = map(function() i = i + 1 if i <= 1000 then return i end end, function(n)
    if n % 100 == 0 then error("x", 0) end
    return n
  end, { results = false })
  eq(run.results, nil) eq(run.succeeded, 990) eq(#run.failed, 10)
end)

case("map gives each item its key in the context", function()
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
  raises("a table with keys but no sequence", map, { a = 1 }, print)
  raises("items expected, got nil", map, nil, print)
  raises("function expected, got nil", map, {}, nil)
  raises("no option 'concurency'; did you mean 'concurrency'", map, {}, print,
    { concurency = 3 })
  raises("table expected, got number", map, {}, print, 3)
  raises("concurrency must be", map, {}, print, { concurrency = 0 })
  raises("concurrency must be", map, {}, print, { concurrency = "3" })
  eq(map({}, print).total, 0)
  local err = raises("keys", function() map({ a = 1 }, print) end)
  assert(err:find "test_lib_task_map.lua:%d+:", err)
end)
