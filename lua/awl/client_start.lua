--- client:start(operation, input, options): the call as a task.
local task = require "awl.core.task"

---@param client awl.Client
---@param operation string
---@param input table?
---@param options table?
---@return awl.Task
return function(client, operation, input, options)
  return task.spawn(client.call, client, operation, input, options)
end
