--- Other programs, for scripts: awl.process.run and spawn; awl/types/process.lua is the
--- manual.
local check_options = require "awl.check_options"
local core = require "awl.core.process"
local errors = require "awl.core.error"
local task = require "awl.core.task"

local GRACE = 5 -- seconds from TERM to KILL
local KILLED_WITHIN = 5 -- seconds; a process in the kernel's hands may take longer
local GRAIN = 1e-6 -- seconds: the clock's
local PIECE = 1 << 20 -- bytes handed over at once
local SHOWN = 500 -- of what a failed program said last

local SIGNALS = {
  HUP = 1, INT = 2, QUIT = 3, ABRT = 6, KILL = 9, USR1 = 10, USR2 = 12, PIPE = 13, ALRM = 14,
  TERM = 15, CONT = 18, STOP = 19,
}

local SPAWN_OPTIONS = {
  stdin = "any", stdout = "any", stderr = "any", env = "table", cwd = "string",
  max_output = "number", new_group = "boolean", grace = "number",
}
local RUN_OPTIONS = { timeout = "number", check = "boolean" }
for name, kind in pairs(SPAWN_OPTIONS) do RUN_OPTIONS[name] = kind end

---@class awl.Process
---@field pid integer
---@field private name string
---@field private child userdata
---@field private grace number
---@field private ended boolean?
---@field private closed boolean?
local Process = {}
Process.__index = Process

--- Pieces of text for its standard input; waits while it reads too slowly.
---@param ... string|number
---@return awl.Process
function Process:write(...)
  for i = 1, select("#", ...) do
    local bytes = select(i, ...)
    if type(bytes) ~= "string" then bytes = tostring(bytes) end
    for from = 1, #bytes, PIECE do
      self.child:write(#bytes <= PIECE and bytes or bytes:sub(from, from + PIECE - 1))
    end
  end
  return self
end

--- The end of its standard input.
function Process:close_stdin() self.child:close_stdin() end

---@param format awl.ReadFormat?
---@return string?
function Process:read(format) return self.child:read(format) end

---@param format awl.ReadFormat?
---@return string?
function Process:read_error(format) return self.child:read_error(format) end

---@param format awl.ReadFormat?
---@return fun(): string?
function Process:lines(format)
  return function() return self.child:read(format) end
end

--- Waits for its end.
---@return integer? code nil if a signal has ended it
---@return integer? signal
function Process:wait()
  if not self.ended then
    self.ended = table.pack(self.child:wait())
  end
  return self.ended[1], self.ended[2]
end

---@param signal (integer|string)? default "TERM"
function Process:kill(signal)
  local number = signal == nil and SIGNALS.TERM or math.tointeger(signal) or SIGNALS[signal]
  if not number then
    error(("bad argument #1 to 'kill' (there is no signal '%s')"):format(tostring(signal)), 2)
  end
  if not self.closed then self.child:kill(number) end
end

local function ends_within(self, seconds)
  local ok, err = pcall(task.timeout, seconds, self.wait, self)
  if not ok and errors.is_canceled(err) then error(err, 0) end
  return ok
end

--- Ends it if it runs: TERM, and KILL where that does not help. Waits for its end.
function Process:close()
  if self.closed then return end
  local child <close> = self.child
  child:close_stdin()
  task.shield(self.grace + KILLED_WITHIN + 1, function()
    child:kill(SIGNALS.TERM)
    if ends_within(self, self.grace) then return end
    child:kill(SIGNALS.KILL)
    ends_within(self, KILLED_WITHIN)
  end)
  self.closed = true
end

Process.__close = Process.close

-- ---- starting ----

local STREAMS = { [true] = "inherit", [false] = "null", pipe = "pipe" }

--- What a stream is: "inherit", "null" or "pipe".
local function stdio(value, usual, name, level)
  if value == nil then return usual end
  return STREAMS[value] or error(
    ("process: %s must be true (awl's own), false (none) or \"pipe\""):format(name), level + 1)
end

local function command_line(spec, level)
  local words = {}
  for i, word in ipairs(spec) do
    if type(word) ~= "string" and math.type(word) == nil then
      error(("process: argument %d must be a string, got %s"):format(i, type(word)), level + 1)
    end
    words[i] = tostring(word)
  end
  if #words == 0 then error("process: no program to start", level + 1) end
  return words
end

--- `usual` says what the three streams are unless the caller does.
local function start(spec, usual, level)
  local words = command_line(spec, level + 1)
  local child = core.start(words, {
    stdin = usual.stdin or stdio(spec.stdin, "pipe", "stdin", level + 1),
    stdout = stdio(spec.stdout, "pipe", "stdout", level + 1),
    stderr = stdio(spec.stderr, usual.stderr, "stderr", level + 1),
    env = spec.env, cwd = spec.cwd, max_output = spec.max_output, new_group = spec.new_group,
  })
  return setmetatable({
    child = child, pid = child:pid(), name = words[1], grace = spec.grace or GRACE,
  }, Process)
end

local function check_table(spec, known, what)
  if type(spec) ~= "table" then
    error(("bad argument #1 to '%s' (table expected, got %s)"):format(what, type(spec)), 3)
  end
  check_options(spec, known, "awl.process." .. what, 3)
end

local process = {}

--- Starts a program. Its standard error is awl's own unless told otherwise.
---@param spec awl.ProcessSpec
---@return awl.Process
function process.spawn(spec)
  check_table(spec, SPAWN_OPTIONS, "spawn")
  return start(spec, { stderr = "inherit" }, 2)
end

-- ---- run ----

--- What `stdin` of run is: a function that gives pieces, nil if there is nothing to feed.
local function source_of(stdin)
  if stdin == nil or type(stdin) == "boolean" then return nil end
  if type(stdin) == "function" then return stdin end
  if type(stdin) == "string" then
    local left = stdin ~= "" and stdin or nil
    return function()
      local all = left
      left = nil
      return all
    end
  end
  local ok, read = pcall(function() return stdin.read end)
  if not ok or type(read) ~= "function" then
    error(("process: stdin must be a string, a file or a function, got %s"):format(
      type(stdin)), 3)
  end
  return function() return stdin:read(PIECE) end
end

--- A program need not read all that there is for it.
local function feed(child, source)
  for piece in source do
    if type(piece) ~= "string" then
      error(("process: the source of stdin gave a %s"):format(type(piece)), 0)
    end
    local ok, err = pcall(child.write, child, piece)
    if not ok and not (errors.is(err) and err.code == "EPIPE") then error(err, 0) end
    if not ok then break end
  end
  child:close_stdin()
end

local function collect(child, source, spec)
  local result = {}
  do
    local group <close> = task.group()
    local feeder = source and group:spawn(feed, child, source)
    if type(spec.stderr) ~= "boolean" then
      group:spawn(function() result.stderr = child:read_error "a" end)
    end
    if type(spec.stdout) ~= "boolean" then result.stdout = child:read "a" end
    result.code, result.signal = child:wait()
    if feeder then feeder:cancel() end -- nobody reads any more
  end
  return result
end

local function collect_within(child, source, spec)
  if not spec.timeout then return collect(child, source, spec) end
  local began = task.now()
  local ok, result = pcall(task.timeout, spec.timeout, collect, child, source, spec)
  if ok then return result end
  local over = task.now() - began > spec.timeout - GRAIN
  if errors.is(result) and result.code == "Timeout" and over then
    result = errors.new { kind = "timeout", code = "Timeout",
      message = ("'%s' has not ended within %g s"):format(child.name, spec.timeout) }
  end
  error(result, 0)
end

local function check_result(child, result)
  if result.code == 0 then return end
  local how = result.signal and "signal " .. result.signal or "status " .. result.code
  local said = (result.stderr or ""):gsub("%s+$", ""):sub(-SHOWN)
  error(errors.new { kind = "input", code = "ProcessFailed", result = result,
    message = ("'%s' ended with %s%s"):format(child.name, how, said ~= "" and ": " .. said or ""),
  }, 0)
end

--- Runs a program to its end.
---@param spec awl.ProcessRunSpec
---@return awl.ProcessResult
function process.run(spec)
  check_table(spec, RUN_OPTIONS, "run")
  local source = source_of(spec.stdin)
  local stdin = spec.stdin == true and "inherit" or source and "pipe" or "null"
  local child <close> = start(spec, { stdin = stdin, stderr = "pipe" }, 2)
  local result = collect_within(child, source, spec)
  if spec.check then check_result(child, result) end
  return result
end

return process
