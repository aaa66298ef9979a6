--- One refresh for all who wait.
---
--- A slot asks when it has no keys, when a service has called them expired, or when they
--- end soon: from 15 minutes before that on, one task brings new ones in the background
--- and a failure is only logged; from 10 minutes on all calls wait for them.
local core = require "awl.core.client"
local errors = require "awl.core.error"
local log = require "awl.log"
local task = require "awl.core.task"
local time = require "awl.time"

local ADVISORY, MANDATORY = 15 * 60, 10 * 60
local PAUSE = 60 -- seconds between refreshes that are not mandatory

--- From when on the keys are to be replaced, and from when on calls wait for that. Keys
--- that never have so much time left are not replaced all the time.
local function windows(credentials)
  local now = time.now()
  local earliest = now + math.min(PAUSE, (credentials.expiration - now) / 4)
  return math.max(credentials.expiration - ADVISORY, earliest),
    math.max(credentials.expiration - MANDATORY, earliest)
end

--- The function that core.credentials wants.
---@param provide fun(refused: boolean): table the credentials; may wait, raises if there
--- are none. With `final` they cannot be had again, and are used until they end
---@return fun(slot: userdata, refused: boolean)
return function(provide)
  local running
  local mandatory_at = 0

  local function take(slot, credentials)
    if credentials.expiration and credentials.expiration <= time.now() then
      error(errors.new { kind = "config", code = "ExpiredCredentials",
        message = ("the credentials from '%s' have expired at %s"):format(
          credentials.provider, time.iso(credentials.expiration)) }, 0)
    end
    core.set_credentials(slot, credentials)
    log.debug("new keys", { provider = credentials.provider,
      key_ends = credentials.access_key_id and credentials.access_key_id:sub(-4),
      expires = credentials.expiration and time.iso(credentials.expiration) })
    mandatory_at = math.huge
    if credentials.expiration and not credentials.final then
      local advisory_at
      advisory_at, mandatory_at = windows(credentials)
      core.refresh_credentials_at(slot, advisory_at)
    end
  end

  --- The task that refreshes, which goes on when those who wait for it are canceled. It
  --- returns its error, since nobody may be waiting.
  local function start(slot, refused, in_background)
    running = task.spawn(function()
      local ok, err = pcall(function() take(slot, provide(refused)) end)
      running = nil
      if ok then return nil end
      if errors.is_canceled(err) then error(err, 0) end
      if in_background then
        log.warn("cannot refresh the credentials yet", { reason = tostring(err) })
      end
      return err
    end)
    return running
  end

  return function(slot, refused)
    if core.credentials_usable(slot) and time.now() < mandatory_at then
      core.refresh_credentials_at(slot, math.min(mandatory_at, time.now() + PAUSE))
      if not running then start(slot, false, true) end
      return
    end
    local err = (running or start(slot, refused)):await()
    if err then error(err, 0) end
  end
end
