--- One invocation of a Lambda function that is written in Lua.
---
--- Its file returns function(event, context) -> result. Each invocation loads the file
--- anew, with globals of its own, so that nothing is left over from the one before and
--- what it prints is its own log. `context` has function_name, aws_request_id,
--- sleep(seconds), random(m, n) and log(...).
local base64 = require "awl.base64"
local errors = require "awl.core.error"
local json = require "awl.json"
local random = require "awl.emulator.random"
local task = require "awl.core.task"

local TAIL_BYTES = 4096
local LOG_BYTES = 1024 * 1024 -- of one invocation; the tail is what counts

---@class awl.emulator.Invocation
---@field name string
---@field request_id string
---@field package lines string[]
---@field package bytes integer
---@field package skipped number seconds that were not slept, for --speed
local Invocation = {}
Invocation.__index = Invocation

---@param text string
function Invocation:log(text)
  if self.bytes > LOG_BYTES then return end
  self.bytes = self.bytes + #text + 1
  self.lines[#self.lines + 1] = text
end

--- The end of the log, as LogResult has it.
function Invocation:log_tail()
  return base64.encode((table.concat(self.lines, "\n") .. "\n"):sub(-TAIL_BYTES))
end

local function joined(...)
  local words = table.pack(...)
  for i = 1, words.n do words[i] = tostring(words[i]) end
  return table.concat(words, "\t")
end

--- The context that the handler gets.
local function context_of(self, emulator, payload)
  return {
    function_name = self.name,
    function_version = "$LATEST",
    aws_request_id = self.request_id,
    random = random(emulator.seed, self.name .. "\0" .. payload),
    log = function(...) self:log(joined(...)) end,
    sleep = function(seconds)
      task.sleep(seconds / emulator.speed)
      self.skipped = self.skipped + seconds - seconds / emulator.speed
    end,
  }
end

local function load_handler(self, file)
  local globals = setmetatable({
    print = function(...) self:log(joined(...)) end,
  }, { __index = _G })
  local chunk, message = loadfile(file, "t", globals)
  if not chunk then error(message, 0) end
  local handler = chunk()
  if type(handler) ~= "function" then
    error(("%s must return a function(event, context)"):format(file), 0)
  end
  return handler
end

--- The lines of a traceback down to the handler: those below are the emulator's.
local function own_lines(traceback)
  local lines = json.array {}
  for line in traceback:gmatch "\n%s*([^\n]+)" do
    if line:find("awl/emulator/", 1, true) then break end
    if not line:find "^%[C%]" and not line:find "^%(%.%.%." then lines[#lines + 1] = line end
  end
  return lines
end

--- What the caller gets of an error: a table's errorType and errorMessage, or its text.
local function describe(err, traceback)
  local kind, message = "RuntimeError", nil
  if type(err) == "table" then
    kind = err.errorType or err.code or kind
    message = err.errorMessage or err.message
  end
  return {
    errorType = tostring(kind), errorMessage = tostring(message or err),
    stackTrace = own_lines(traceback),
  }
end

local function run(self, emulator, file, payload)
  local event = payload ~= "" and json.decode(payload) or {}
  return load_handler(self, file)(event, context_of(self, emulator, payload))
end

local function report(self, started)
  local ms = (task.now() - started + self.skipped) * 1000
  self:log("END RequestId: " .. self.request_id)
  self:log(("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\t"
    .. "Memory Size: 128 MB\tMax Memory Used: %d MB")
    :format(self.request_id, ms, math.ceil(ms), math.ceil(collectgarbage "count" / 1024)))
end

--- Runs the handler. What it returns, as JSON, or the description of its error.
---@return string payload
---@return string? function_error
function Invocation:run(emulator, file, payload)
  local started = task.now()
  self:log(("START RequestId: %s Version: $LATEST"):format(self.request_id))
  local trace
  local function on_error(err)
    trace = debug.traceback("", 2):gsub("^%s*stack traceback:", "")
    return err
  end
  local ok, result = xpcall(function()
    local result = run(self, emulator, file, payload)
    return result == nil and "null" or json.encode(result)
  end, on_error)
  if not ok then
    if errors.is_canceled(result) then error(result, 0) end
    local description = describe(result, trace)
    self:log(("[ERROR] %s: %s"):format(description.errorType, description.errorMessage))
    for _, line in ipairs(description.stackTrace) do self:log("  at " .. line) end
    result = json.encode(description)
  end
  report(self, started)
  return result, not ok and "Unhandled" or nil
end

---@param name string
---@param request_id string
---@return awl.emulator.Invocation
return function(name, request_id)
  return setmetatable(
    { name = name, request_id = request_id, lines = {}, bytes = 0, skipped = 0 },
    Invocation)
end
