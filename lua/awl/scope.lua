--- Tasks that a block of work waits for.
local task = require "awl.core.task"

--- Calls fn with a scope and returns what it returns, once all tasks that it spawned
--- with scope:spawn(fn, ...) have ended. The first error, of a task or of fn, cancels
--- the others and is raised.
---@param fn fun(scope: awl.Scope, ...): ...
---@return any ...
local function scope(fn, ...)
  local group <close> = task.group()
  return fn(group, ...)
end

return scope
