--- The access token that `aws sso login` leaves in a file, refreshed before it ends.
---
--- One refresh runs for all who wait, and one at a time of all programs. It is tried once a
--- minute at most; when it fails, the old token serves until its end.
local cache = require "awl.credentials.cache"
local errors = require "awl.core.error"
local log = require "awl.log"
local login_required = require "awl.credentials.login_required"
local task = require "awl.core.task"
local time = require "awl.time"

local SOON = 15 * 60 -- seconds of life left in which another token is asked for
local PAUSE = 60 -- between two attempts

---@class awl.SsoToken
---@field accessToken string
---@field expiresAt string
---@field refreshToken string?
---@field clientId string?
---@field clientSecret string?
---@field registrationExpiresAt string?

---@class awl.SsoTokenState
---@field next_attempt number
---@field running awl.Task?
---@field unwritten awl.SsoToken?

---@type table<string, awl.SsoTokenState>
local states = {} -- by file

--- Old programs write "2030-01-01T00:00:00UTC". A time that is none has passed.
local function seconds_left(text)
  local ok, at = pcall(time.parse, (tostring(text):gsub("UTC$", "Z")))
  return ok and at - time.now() or 0
end

local function read(login)
  local token = cache.read(login.path)
  if token and type(token.accessToken) == "string" and token.expiresAt then return token end
  login_required(("there is no SSO token for '%s'"):format(login.name or login.start_url),
    login.command)
end

local function can_refresh(login, token)
  return login.name and token.refreshToken and token.clientId and token.clientSecret
    and seconds_left(token.registrationExpiresAt) > 0
end

local function create_token(login, token)
  local oidc = login.session:client("sso-oidc", { region = login.region, sign = false })
  local answer = oidc:create_token {
    grantType = "refresh_token", clientId = token.clientId,
    clientSecret = token.clientSecret, refreshToken = token.refreshToken,
  }
  if not answer.accessToken or not answer.expiresIn then
    error("the answer of SSO has no token", 0)
  end
  local new = {}
  for key, value in pairs(token) do new[key] = value end
  new.startUrl, new.region = login.start_url, login.region
  new.accessToken = answer.accessToken
  new.expiresAt = time.iso(math.floor(time.now()) + answer.expiresIn)
  new.refreshToken = answer.refreshToken or token.refreshToken
  return new
end

--- The token in the file, or a newer one that could not be written there.
local function current(state, login)
  local token, newer = read(login), state.unwritten
  if newer and seconds_left(newer.expiresAt) > seconds_left(token.expiresAt) then return newer end
  return token
end

--- With the lock: another program may have been here.
local function refresh(state, login)
  local token = current(state, login)
  if seconds_left(token.expiresAt) >= SOON or not can_refresh(login, token) then return token end
  state.next_attempt = time.now() + PAUSE
  local ok, new = pcall(create_token, login, token)
  if ok then
    state.unwritten = not cache.write(login.path, new) and new or nil
    return new
  end
  if errors.is_canceled(new) then error(new, 0) end
  log.warn("the SSO token cannot be refreshed",
    { session = login.name, error = tostring(new),
      seconds_left = math.max(0, seconds_left(token.expiresAt) // 1) })
  return token
end

local function find(state, login)
  local token = current(state, login)
  if seconds_left(token.expiresAt) < SOON and can_refresh(login, token)
      and time.now() >= state.next_attempt then
    token = cache.locked(login.path, refresh, state, login)
  end
  if seconds_left(token.expiresAt) <= 0 then
    login_required(("the SSO token for '%s' has expired"):format(login.name or login.start_url),
      login.command)
  end
  return token
end

--- The task that finds it: the one that does already, or a new one. It goes on when those
--- who wait for it are canceled, and returns its error, since nobody may be waiting.
local function finding(state, login)
  state.running = state.running or task.spawn(function()
    local ok, found = pcall(find, state, login)
    state.running = nil
    if ok then return found end
    if errors.is_canceled(found) then error(found, 0) end
    return nil, found
  end)
  return state.running
end

--- The token and the epoch second of its end. Raises LoginRequired.
---@param login awl.SsoLogin
---@return string token
---@return number expiration
return function(login)
  local key = login.path or ""
  local state = states[key] or { next_attempt = 0 }
  states[key] = state
  local token, err = finding(state, login):await()
  if not token then error(err, 0) end
  return token.accessToken, time.now() + seconds_left(token.expiresAt)
end
