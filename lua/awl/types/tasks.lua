---@meta awl.tasks

-- Many things at once. A task is a function that runs beside others: whatever waits (a
-- call, a sleep, a read) suspends its task only. The program ends when the script and all
-- tasks have; an error of a task that nobody awaits is printed, and the exit code is 2.
--
--   local run = awl.map(s3:pages("list_objects_v2", { Bucket = "logs" }):items(),
--     function(object) return s3:head_object { Bucket = "logs", Key = object.Key } end,
--     { concurrency = 100, progress = "heads" })
--   for _, failed in ipairs(run.failed) do print(failed.item.Key, failed.error) end
--
-- A task that is canceled (by task:cancel, by a scope, by Ctrl-C) raises "Canceled" where it
-- waits, and at every later wait: its <close> variables are closed, and what cleans up
-- there and has to wait does so in awl.shield. A worker that ends what it has begun when
-- Ctrl-C or SIGTERM comes, and takes no more:
--
--   while true do
--     local output = sqs:receive_message { QueueUrl = url, WaitTimeSeconds = 20 }
--     for _, message in ipairs(output.Messages or {}) do awl.shield(30, handle, message) end
--   end

---@class awl
local awl = {}

---@class awl.MapOptions
---@field concurrency integer? how many at a time; default 50
---@field progress string|boolean|nil tells on stderr how far it is, under this name
---@field results boolean? false: what fn returns is not kept. Default true

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

--- Calls fn(item, index) for every item, some at a time, and goes on when one raises: ask
--- run.failed, for nothing else tells of it and the exit code stays 0. The items are a
--- sequence, or something to call for the next one, such as `client:pages(...):items()` or
--- awl.stdin:lines(); it may itself wait, and is called only when there is room. What it
--- raises is raised, once those under way have ended.
---@param items table|function
---@param fn fun(item: any, index: integer): any
---@param options awl.MapOptions?
---@return awl.MapRun run
function awl.map(items, fn, options) end

--- Runs all functions at once, or waits for tasks, and returns their first results under the
--- same keys: `awl.gather { users = list_users, roles = list_roles }`. The first error
--- cancels the rest and is raised.
---@param jobs table<any, function|awl.Task>
---@return table<any, any>
function awl.gather(jobs) end

--- Calls fn(scope, ...) and returns what it returns, once all tasks that it has started by
--- scope:spawn(fn, ...) have ended. The first error cancels the others and is raised.
---@param fn fun(scope: awl.Scope, ...): ...
---@return any ...
function awl.scope(fn, ...) end

---@class awl.Scope
local Scope = {}

---@param fn function
---@return awl.Task
function Scope:spawn(fn, ...) end

--- Cancels all its tasks.
function Scope:cancel() end

--- Starts a task that calls fn(...).
---@param fn function
---@return awl.Task
function awl.spawn(fn, ...) end

---@class awl.Task
local Task = {}

--- Waits for its end and returns what its function returned, or raises its error;
--- "TaskCanceled" if it was canceled. Any number of tasks may.
---@return any ...
function Task:await() end

--- Does nothing when it has ended.
function Task:cancel() end

---@param seconds number
function awl.sleep(seconds) end

--- fn(...), which has so many seconds: then what it waits for is given up, and "Timeout"
--- raised.
---@param seconds number
---@param fn function
---@return any ...
function awl.timeout(seconds, fn, ...) end

--- fn(...) for cleaning up: it may wait so many seconds although the task is canceled.
---@param seconds number
---@param fn function
---@return any ...
function awl.shield(seconds, fn, ...) end

--- fn(...); nil and the error if that has one of the codes ("NoSuchKey", "Throttling*").
--- Every other error is raised:
--- `local head, err = awl.try("NoSuchKey", s3.head_object, s3, { ... })`.
---@param codes string|string[]
---@param fn function
---@return any ...
function awl.try(codes, fn, ...) end

--- At most so many at a time, first come first served.
---@param permits integer
---@return awl.Semaphore
function awl.semaphore(permits) end

---@class awl.Semaphore
local Semaphore = {}

--- Waits for a permit. `local _ <close> = semaphore:acquire()` gives it back.
---@return awl.Semaphore
function Semaphore:acquire() end

function Semaphore:release() end

--- Permits that nobody has.
---@return integer
function Semaphore:available() end

--- fn(...), with a permit.
---@param fn function
---@return any ...
function Semaphore:with(fn, ...) end

--- Values handed from task to task, in order. By default, 0, a sender waits for its receiver.
---@param capacity integer?
---@return awl.Channel
function awl.channel(capacity) end

---@class awl.Channel
---@operator call: any
-- `for value in channel do ... end` receives until it is closed; #channel are in it.
local Channel = {}

--- Waits while it is full.
---@param value any
function Channel:send(value) end

--- nil when it is closed and empty.
---@return any
function Channel:receive() end

--- What is in it can still be received.
function Channel:close() end

--- fn(...), with these fields added to the context: its log lines have `item`, `account`,
--- `region` and the fields in `log`, and so have those of the tasks it starts.
---@param fields table<string, any>
---@param fn function
---@return any ...
function awl.with_context(fields, fn, ...) end

--- The running task's; not to be changed.
---@return table<string, any>
function awl.context() end

return awl
