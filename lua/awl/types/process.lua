---@meta awl.process

-- Other programs. Everything here suspends only its task. There is no shell: words reach
-- the program as they are (`{ "sh", "-c", "a | b" }` asks for one). A program gets awl's
-- environment, default signal actions, the limit of descriptors that awl was started with,
-- and no descriptor but its standard streams.
--
--   local tags = awl.process.run { "git", "tag", cwd = repository, check = true }.stdout
--
--   do
--     local p <close> = awl.process.spawn { "gzip", "-c", stdin = true }
--     for line in p:lines() do ... end
--   end

---@class awl.process
local process = {}

--- The sequence is the program, looked up in PATH, and its arguments. Of the streams true is
--- awl's own, false none (/dev/null).
---@class awl.ProcessSpec
---@field [integer] string|number
---@field stdin boolean|"pipe"|nil default a pipe, for write
---@field stdout boolean|"pipe"|nil default a pipe, for read and lines
---@field stderr boolean|"pipe"|nil default true; a pipe, which read_error reads, must be read
---@field env table<string, string|number|false>? added to awl's environment; false takes out
---@field cwd string?
---@field max_output integer? bytes of a stream that are held at once; default 16 MiB
---@field new_group boolean? a process group of its own: Ctrl-C does not reach it, and kill and
--- close reach what it has started
---@field grace number? seconds that close waits between TERM and KILL; default 5

---@class awl.ProcessRunSpec: awl.ProcessSpec
---@field stdin string|awl.File|(fun(): string?)|boolean|nil what it reads; a function gives
--- pieces and nil at the end, and may wait. Default none
---@field stderr boolean|"pipe"|nil default a pipe: collected
---@field timeout number? seconds; then it is ended, and run raises "Timeout"
---@field check boolean? raise "ProcessFailed" unless its code is 0; err.result has the rest

---@class awl.ProcessResult
---@field code integer? nil if a signal has ended it
---@field signal integer?
---@field stdout string? where it was collected
---@field stderr string? likewise

--- Runs a program to its end. A code other than 0 is a result, not an error. Raises the
--- system's code ("ENOENT", "EACCES") when it cannot be started, and "TooLarge" for more
--- output than may be held. Whatever else ends the wait (a cancellation, an error of the
--- function that feeds it) ends the program: TERM, and KILL after the grace.
---@param spec awl.ProcessRunSpec
---@return awl.ProcessResult
function process.run(spec) end

--- Starts a program and returns at once. `local p <close> = awl.process.spawn { ... }` ends
--- it with the block, also when the task is canceled. One that is neither waited for nor
--- closed is cleared away when it ends, and runs on when awl ends first.
---@param spec awl.ProcessSpec
---@return awl.Process
function process.spawn(spec) end

---@class awl.Process
---@field pid integer
local Process = {}

--- To its standard input. Waits while 1 MiB is not yet read; raises "EPIPE" when it reads
--- no more.
---@param ... string|number
---@return awl.Process
function Process:write(...) end

--- The end of its standard input, after what was written.
function Process:close_stdin() end

--- Of its standard output, as a file's read.
---@param format awl.ReadFormat?
---@return string?
function Process:read(format) end

--- Of its standard error, if that is a pipe.
---@param format awl.ReadFormat?
---@return string?
function Process:read_error(format) end

--- for line in p:lines() do ... end
---@param format awl.ReadFormat?
---@return fun(): string?
function Process:lines(format) end

--- Waits for its end; any number of tasks may.
---@return integer? code nil if a signal has ended it
---@return integer? signal
function Process:wait() end

--- Does nothing when it has ended.
---@param signal integer|"TERM"|"KILL"|"INT"|"HUP"|"QUIT"|"USR1"|"USR2"|"STOP"|"CONT"|nil default "TERM"
function Process:kill(signal) end

--- Ends it if it runs, with TERM and after the grace with KILL, and waits for that.
function Process:close() end

return process
