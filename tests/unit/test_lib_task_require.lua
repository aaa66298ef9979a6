-- Cases of test_lib_task.c: require.
local task = require "awl.core.task"
local cases = require "lib_task_cases"

local case, eq = cases.case, cases.eq
local raises = cases.raises

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
