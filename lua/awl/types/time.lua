---@meta awl.time

-- Times are numbers: seconds since 1970, with a fraction. Members that AWS models as a time
-- take them as they are, or as ISO 8601; where a member is an integer of milliseconds, as in
-- CloudWatch Logs, write math.floor(awl.time.ago "1h" * 1000).
---@class awl.time
local time = {}

---@return number
function time.now() end

--- Seconds on a clock that never goes back, for measuring.
---@return number
function time.monotonic() end

--- "2015-08-30T12:36:00.123Z"; of now, if no time is given.
---@param seconds number?
---@return string
function time.iso(seconds) end

--- Reads ISO 8601, the form of HTTP headers, or a number. Raises InvalidTime.
---@param text string
---@return number
function time.parse(text) end

--- The time that lies so far back: "90s", "15m", "2h", "7d", "1w", "1h30m", or a number
--- of seconds. Raises InvalidDuration.
---@param duration string|number
---@return number
function time.ago(duration) end

--- Such a duration in seconds.
---@param duration string|number
---@return number
function time.duration(duration) end

return time
