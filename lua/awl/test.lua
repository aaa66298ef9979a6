--- Runs the tests of one file: describe, it, before_each, after_each, pending, and
--- luassert's assert. Each test gets a table `t`; awl/types/test.lua is the manual.
local task = require "awl.core.task"
local testing = require "awl.core.testing"

local EPOCH = 1767225600 -- where a test's clock starts: 2026-01-01T00:00:00Z

---@class awl.Test
---@field clock awl.TestClock from its first use on, time is the test's
local Test = {}

local Skipped = setmetatable({}, { __tostring = function() return "skipped" end })

--- Ends the test as skipped.
---@param reason string
function Test:skip(reason)
  rawset(self, "skipped", reason or "")
  error(Skipped, 0)
end

--- Calls fn after the test, whatever became of it; the last one given first.
---@param fn fun()
function Test:finally(fn)
  local list = rawget(self, "cleanups") or {}
  rawset(self, "cleanups", list)
  table.insert(list, 1, fn)
end

---@class awl.TestClock
local Clock = {}
Clock.__index = Clock

--- The pauses, in seconds, that every task of the program spent waiting.
---@return number[]
function Clock:slept() return testing.slept() end

--- Lets time pass; what has become due runs at the next wait.
---@param seconds number
function Clock:advance(seconds) testing.advance(seconds) end

--- Seconds since 1970.
function Clock:now() return require("awl.time").now() end

local getters = {}

function getters.clock()
  testing.fake_clock(EPOCH)
  return setmetatable({}, Clock)
end

-- Helpers of awl's own tests are modules: t:fake_service(...) is awl.test.fake_service.
function Test.__index(self, name)
  local value = Test[name]
  if value == nil and getters[name] then value = getters[name](self) end
  if value == nil and type(name) == "string" then value = require("awl.test." .. name) end
  rawset(self, name, value)
  return value
end

--- The tests of a file, found by running it.
local function collect(path)
  local file = { tests = {} }
  local block = { names = {}, before = {}, after = {} }
  local env = setmetatable({}, { __index = _G })

  local function add(name, fn, level)
    local names = table.move(block.names, 1, #block.names, 1, {})
    names[#names + 1] = name
    table.insert(file.tests, {
      name = table.concat(names, " "),
      fn = fn,
      block = block,
      line = debug.getinfo(level + 1, "l").currentline,
    })
  end

  function env.describe(name, fn)
    local outer = block
    block = { names = table.move(outer.names, 1, #outer.names, 1, {}), outer = outer,
              before = {}, after = {} }
    table.insert(block.names, name)
    fn()
    block = outer
  end
  function env.it(name, fn) add(name, fn, 2) end
  function env.pending(name) add(name, nil, 2) end
  function env.before_each(fn) table.insert(block.before, fn) end
  function env.after_each(fn) table.insert(block.after, 1, fn) end

  env._G = env
  env.assert = require "luassert"
  for _, name in ipairs { "spy", "stub", "mock", "match" } do
    env[name] = require("luassert." .. name)
  end
  local chunk, err = loadfile(path, "t", env)
  if not chunk then error(err, 0) end
  chunk()
  return file
end

-- The first line of the traceback that is in the test's file.
local function place_of(path, trace, line)
  local found = trace:match("%f[^\n\t ]" .. path:gsub("%p", "%%%0") .. ":(%d+)")
  return found and tonumber(found) or line
end

local function on_error(err)
  if err == Skipped then return err end
  local message = type(err) == "table" and err.message and not getmetatable(err)
    and err.message or err
  return { message = tostring(message), trace = debug.traceback("", 2) }
end

local function run_hooks(block, list, t)
  if block.outer and list == "before" then run_hooks(block.outer, list, t) end
  for _, fn in ipairs(block[list]) do fn(t) end
  if block.outer and list == "after" then run_hooks(block.outer, list, t) end
end

-- What a test must not leave behind: tasks and handles that were not there before it.
local function leftovers(before)
  task.sleep(0)
  collectgarbage()
  collectgarbage()
  task.sleep(0)
  local live, where = testing.live_tasks()
  if live > before.live then
    return ("%d task(s) of the test still live:\n%s"):format(live - before.live, where)
  end
  local open = testing.open_handles()
  if #open > before.open then
    return "handles of the test are still open: " .. table.concat(open, ", ")
  end
  return nil
end

local function clean_up(t)
  local first
  for _, fn in ipairs(rawget(t, "cleanups") or {}) do
    local ok, err = xpcall(fn, on_error)
    if not ok then first = first or err end
  end
  if first then error(first, 0) end
end

local function run_body(test, t)
  local ok, err = xpcall(function()
    run_hooks(test.block, "before", t)
    test.fn(t)
  end, on_error)
  local cleaned, cleanup_err = xpcall(function()
    run_hooks(test.block, "after", t)
    clean_up(t)
  end, on_error)
  if not ok then return err end
  if not cleaned then return cleanup_err end
  return nil
end

--- nil, Skipped, or what went wrong: { message, trace }.
local function run_test(test)
  local before = { live = testing.live_tasks(), open = #testing.open_handles() }
  local t = setmetatable({ name = test.name }, Test)
  local snapshot = require("luassert"):snapshot()
  local err = run_body(test, t)
  snapshot:revert()
  if rawget(t, "clock") then testing.real_clock() end
  if err == Skipped then return Skipped, t.skipped end
  t = nil -- luacheck: ignore (it may hold what must be collected)
  local left = not err and leftovers(before)
  return err or left and { message = left, trace = "" } or nil
end

local test = {}

---@class awl.TestResult
---@field name string
---@field status "passed"|"failed"|"skipped"
---@field place string file:line
---@field message string?

--- Runs a file's tests in their order and calls report(result) after each. A file that
--- cannot be loaded is one failed test.
---@param path string
---@param options { filter: string? }
---@param report fun(result: awl.TestResult)
function test.run_file(path, options, report)
  local ok, file = xpcall(collect, on_error, path)
  if not ok then
    report { name = path, status = "failed", message = file.message,
             place = ("%s:%d"):format(path, place_of(path, file.trace, 1)) }
    return
  end
  for _, one in ipairs(file.tests) do
    if not options.filter or one.name:find(options.filter) then
      local result = { name = one.name, status = "passed",
                       place = ("%s:%d"):format(path, one.line) }
      if not one.fn then
        result.status, result.message = "skipped", "pending"
      else
        local err, reason = run_test(one)
        if err == Skipped then
          result.status, result.message = "skipped", reason
        elseif err then
          result.status = "failed"
          result.message = err.message
          result.place = ("%s:%d"):format(path, place_of(path, err.trace, one.line))
        end
      end
      report(result)
    end
  end
end

return test
