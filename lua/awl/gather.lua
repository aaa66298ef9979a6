--- Several pieces of work at the same time.
local task = require "awl.core.task"

--- Cancels the task it follows when the wait for it ends in any other way.
local function follow(followed)
  local _ <close> = setmetatable({}, { __close = function() followed:cancel() end })
  return followed:await()
end

--- Runs all functions at once, or waits for tasks that run already, and returns their
--- first results under the same keys. The first error cancels the rest and is raised.
---@param jobs table<any, function|awl.Task>
---@return table<any, any>
local function gather(jobs)
  if type(jobs) ~= "table" then
    error(("bad argument #1 to 'gather' (table expected, got %s)"):format(type(jobs)), 2)
  end
  for key, job in pairs(jobs) do
    if type(job) ~= "function" and not task.is_task(job) then
      error(("gather: %s is neither a function nor a task"):format(tostring(key)), 2)
    end
  end

  local tasks, results = {}, {}
  do
    local group <close> = task.group()
    for key, job in pairs(jobs) do
      tasks[key] = task.is_task(job) and group:spawn(follow, job) or group:spawn(job)
    end
  end
  for key, ended in pairs(tasks) do results[key] = ended:await() end
  return results
end

return gather
