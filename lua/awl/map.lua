--- A function applied to many items, some at a time.
local check_names = require "awl.check_options"
local errors = require "awl.core.error"
local progress = require "awl.progress"
local task = require "awl.core.task"

local OPTIONS = { concurrency = "number", progress = "any", results = "boolean" }

---@class awl.MapFailure
---@field index integer
---@field item any
---@field error any
---@field traceback string?

---@class awl.MapRun
---@field results any[]? in the order of the items; nil where one failed
---@field failed awl.MapFailure[] in the order in which they failed
---@field succeeded integer
---@field total integer
---@field elapsed number seconds

local function is_callable(value)
  if type(value) == "function" then return true end
  local meta = getmetatable(value)
  return type(meta) == "table" and meta.__call ~= nil
end

--- The function that gives the next item, and how many there are if that is known.
local function source(items)
  if is_callable(items) then return items, nil end
  if type(items) ~= "table" then
    error(("bad argument #1 to 'map' (items expected, got %s)"):format(type(items)), 3)
  end
  local count = #items
  if count == 0 and next(items) ~= nil then
    error("bad argument #1 to 'map' (a table with keys but no sequence)", 3)
  end
  local position = 0
  return function()
    position = position + 1
    if position <= count then return items[position] end
  end, count
end

local function check_options(options)
  if type(options) ~= "table" then
    error(("bad argument #3 to 'map' (table expected, got %s)"):format(type(options)), 3)
  end
  check_names(options, OPTIONS, "awl.map", 3)
  local concurrency = options.concurrency
  if concurrency and (concurrency < 1 or math.type(concurrency) ~= "integer") then
    error("awl.map: concurrency must be a positive integer", 3)
  end
end

---@class awl.map.State what the workers of one call share
---@field run awl.MapRun
---@field fn function
---@field take function the next item
---@field lock awl.Semaphore? of an iterator, which may itself wait
---@field ended boolean no more items are taken
---@field broken table? { error } of the iterator
---@field meter awl.Progress?

--- Takes the next item and gives it its index; nil when there is none.
local function next_item(state)
  local _ <close> = state.lock and state.lock:acquire()
  if state.ended then return nil end
  local ok, item = xpcall(state.take, errors.on_error)
  if not ok then
    state.ended = true
    if errors.is_canceled(item) then error(item, 0) end
    state.broken = { item }
    return nil
  end
  if item == nil then
    state.ended = true
    return nil
  end
  local total = state.run.total + 1
  state.run.total = total
  return total, item
end

local function item_key(item, index)
  local kind = type(item)
  return (kind == "string" or kind == "number") and item or index
end

--- Applies the function to the item, if it is given, and to the next ones until none is
--- left.
local function work(state, index, item)
  local run, fn, meter = state.run, state.fn, state.meter
  if not index then index, item = next_item(state) end
  while index do
    task.set_item(item_key(item, index))
    local ok, result = xpcall(fn, errors.on_error, item, index)
    if ok then
      run.succeeded = run.succeeded + 1
      if run.results then run.results[index] = result end
    elseif errors.is_canceled(result) then
      error(result, 0)
    else
      run.failed[#run.failed + 1] = {
        index = index, item = item, error = result, traceback = errors.traceback(result),
      }
    end
    if meter then meter:step(ok) end
    index, item = next_item(state)
  end
end

--- A worker for items whose number nobody knows: it starts the next one when there was
--- an item for itself.
local function grow(state, group, left)
  local index, item = next_item(state)
  if not index then return end
  if left > 1 then group:spawn(grow, state, group, left - 1) end
  return work(state, index, item)
end

local function run_workers(state, count, concurrency)
  local group <close> = task.group()
  if count then
    for _ = 1, math.min(count, concurrency) do group:spawn(work, state) end
  else
    group:spawn(grow, state, group, concurrency)
  end
end

--- Closes what can be closed, such as the pages of an operation.
local function closer(items)
  local meta = getmetatable(items)
  return type(meta) == "table" and meta.__close and items or nil
end

--- Calls fn(item, index) for every item, up to `concurrency` (50) at a time, and goes on
--- when one raises. `items` is a sequence, or something to call for the next item, which
--- may itself wait: it is called by one task at a time, and only when there is room.
--- With `progress = "name"` it tells on stderr how far it is; with `results = false` it
--- does not keep what fn returns.
---@param items table|function
---@param fn fun(item: any, index: integer): any
---@param options { concurrency?: integer, progress?: string|boolean, results?: boolean }?
---@return awl.MapRun
local function map(items, fn, options)
  options = options or {}
  local take, count = source(items)
  if not is_callable(fn) then
    error(("bad argument #2 to 'map' (function expected, got %s)"):format(type(fn)), 2)
  end
  check_options(options)

  local run = { failed = {}, succeeded = 0, total = 0, elapsed = 0 }
  if options.results ~= false then run.results = {} end
  local started = task.now()
  local name = options.progress
  local meter <close> =
    name and progress(name == true and "items" or tostring(name), count) or nil
  local _ <close> = closer(items)
  local state = {
    run = run, fn = fn, take = take, meter = meter, ended = false,
    lock = not count and task.semaphore(1) or nil,
  }
  run_workers(state, count, options.concurrency or 50)
  run.elapsed = task.now() - started
  if state.broken then error(state.broken[1], 0) end
  return run
end

return map
