--- awl.limiter(rate, burst): so many a second, first come first served.
---
--- One number is kept: the time at which the bucket would be full again. Who waits is
--- charged from when it came, not from when its timer woke it, so that late timers do not
--- slow the rate; but a long standstill is not made up for with a burst.
local task = require "awl.core.task"

local LATE = 0.05 -- seconds a wake-up may be late without a loss
local GRAIN = 1e-6 -- the clock's; nobody is told to wait for less

---@class awl.Limiter
---@field private interval number seconds a token
---@field private burst number
---@field private full_at number of task.now()
---@field private turn awl.Semaphore
local Limiter = {}
Limiter.__index = Limiter

local function check_count(self, count)
  count = count or 1
  if math.type(count) == nil or not (count > 0 and count <= self.burst) then
    error(("bad argument #1 (a number above 0 and up to the burst, %g, expected, got %s)"):format(
      self.burst, tostring(count)), 3)
  end
  return count
end

--- When `count` tokens of one who came at `came` will be there, and the bucket full.
local function due(self, count, came)
  local full_at = math.max(self.full_at, came, task.now() - LATE) + count * self.interval
  return full_at - self.burst * self.interval, full_at
end

--- Waits until there are so many tokens, and takes them. A canceled wait takes none.
---@param count number? default 1
function Limiter:acquire(count)
  count = check_count(self, count)
  local came = task.now()
  local turn <close> = self.turn:acquire() -- luacheck: ignore
  local at, full_at = due(self, count, came)
  if at - task.now() > GRAIN then task.sleep(at - task.now()) end
  self.full_at = full_at
end

--- Takes so many tokens if they are there and nobody waits for them.
---@param count number? default 1
---@return boolean
function Limiter:try_acquire(count)
  count = check_count(self, count)
  if self.turn:available() == 0 then return false end
  local now = task.now()
  local at, full_at = due(self, count, now)
  if at - now > GRAIN then return false end
  self.full_at = full_at
  return true
end

--- A function that takes a token and then calls fn.
---@param fn fun(...): ...
---@return fun(...): ...
function Limiter:wrap(fn)
  return function(...)
    self:acquire()
    return fn(...)
  end
end

local function check_positive(value, name)
  if math.type(value) == nil or not (value > 0 and value < math.huge) then
    error(("limiter: the %s must be a number above 0, got %s"):format(name, tostring(value)), 3)
  end
  return value
end

---@param rate number tokens a second
---@param burst number? how many may be saved up; default 1
---@return awl.Limiter
return function(rate, burst)
  check_positive(rate, "rate")
  burst = check_positive(burst or 1, "burst")
  return setmetatable({
    interval = 1 / rate, burst = burst, full_at = 0, turn = task.semaphore(1),
  }, Limiter)
end
