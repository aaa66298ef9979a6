-- Cases of test_lib_task.c: a task's context.
local task = require "awl.core.task"
local cases = require "lib_task_cases"

local case, eq = cases.case, cases.eq
local raises = cases.raises

case("a context is inherited and bounded", function()
  eq(next(task.context()), nil)
  task.with_context({ region = "eu-west-1" }, function()
    task.with_context({ item = 7 }, function()
      task.sleep(1)
      eq(task.context().region, "eu-west-1")
      eq(task.context().item, 7)
      local t = task.spawn(function()
        eq(task.context().item, 7)
        task.set_item(8)
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
