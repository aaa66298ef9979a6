-- Cases of test_lib_task.c: try.
local task = require "awl.core.task"
local errors = require "awl.core.error"
local try = require "awl.try"
local cases = require "lib_task_cases"

local case, eq = cases.case, cases.eq
local raises, raises_code = cases.raises, cases.raises_code

case("try returns nil and the error for its codes only", function()
  local function fail(code) error(errors.new { kind = "service", code = code, message = "m" }, 0) end
  local a, b = try({ "NoSuchKey" }, function(...) return ... end, 1, 2)
  eq(a, 1) eq(b, 2)
  local value, err = try({ "NoSuch*", "Other" }, fail, "NoSuchKey")
  eq(value, nil) eq(err.code, "NoSuchKey")
  eq(err.traceback, nil)
  eq(select(2, try("Other", fail, "Other")).code, "Other")
  local raised = raises_code("AccessDenied", try, { "NoSuchKey" }, fail, "AccessDenied")
  assert(raised.traceback:find "test_lib_task_try.lua:%d+: in function", raised.traceback)
  raises("plain", try, { "*" }, error, "plain")
  raises("function expected, got table", try, "NoSuchKey", {})
end)

case("try never takes a cancel", function()
  local t = task.spawn(function() try({ "*" }, task.sleep, 100) return "went on" end)
  task.sleep(1)
  t:cancel()
  raises_code("TaskCanceled", t.await, t)
end)
