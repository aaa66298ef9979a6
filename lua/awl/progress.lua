--- What awl.map tells a person who waits: one line on stderr, redrawn on a terminal;
--- elsewhere a plain line now and then, and one at the end.
local task = require "awl.core.task"

local TERMINAL_INTERVAL, PLAIN_INTERVAL = 0.25, 30

---@class awl.Progress
---@field private name string
---@field private total integer? nil when nobody knows
---@field private done integer
---@field private failed integer
---@field private started number
---@field private next number
---@field private terminal boolean
---@field private drawn integer the width of the line on the terminal
local Progress = {}
Progress.__index = Progress

local function interval(self)
  return self.terminal and TERMINAL_INTERVAL or PLAIN_INTERVAL
end

local function text(self, now)
  local elapsed = now - self.started
  local parts = { self.name, ": ", tostring(self.done) }
  if self.total then parts[#parts + 1] = (" of %d"):format(self.total) end
  if self.failed > 0 then parts[#parts + 1] = (", %d failed"):format(self.failed) end
  parts[#parts + 1] = (", %.0f s"):format(elapsed)
  if elapsed > 1 then parts[#parts + 1] = (", %.1f/s"):format(self.done / elapsed) end
  return table.concat(parts)
end

local function draw(self, now, last)
  local line = text(self, now)
  if self.terminal then
    local blank = (" "):rep(self.drawn - #line)
    io.stderr:write("\r", line, blank, last and "\n" or "")
    self.drawn = #line
  else
    io.stderr:write(line, "\n")
  end
  io.stderr:flush()
end

--- One more item has ended.
function Progress:step(ok)
  self.done = self.done + 1
  if not ok then self.failed = self.failed + 1 end
  local now = task.now()
  if now < self.next then return end
  self.next = now + interval(self)
  draw(self, now, false)
end

function Progress:__close()
  draw(self, task.now(), true)
end

---@param name string
---@param total integer?
---@return awl.Progress
local function progress(name, total)
  local now = task.now()
  local self = setmetatable({
    name = name, total = total, done = 0, failed = 0, started = now, drawn = 0,
    terminal = task.is_terminal(),
  }, Progress)
  self.next = now + interval(self)
  return self
end

return progress
