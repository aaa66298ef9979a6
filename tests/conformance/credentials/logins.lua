-- Tokens of IAM Identity Center, and login sessions.
local awl = require "awl"
local common = ...
local replay = common.replay
local search = common.search

local kinds = {}

kinds["token-provider-chain"] = function(case)
  local exchanges = case.traffic and replay.read(case.traffic) or {}
  replay.set_clock(exchanges)
  local finish = replay.exchanges(exchanges)
  local ok, found, reason = common.find_token()
  local problem = finish()
  if problem then return problem end
  local wanted = case.result.Ok
  if not wanted then
    return ok and found and "a token instead of an error: " .. case.result.ErrorContains or nil
  end
  if not ok or not found then return tostring(ok and reason or found) end
  if found.bearer_token ~= wanted.token then return "another token: " .. found.bearer_token end
  if wanted.expiration and found.expiration ~= awl.time.parse(wanted.expiration) then
    return "it ends " .. awl.time.iso(found.expiration)
  end
end

local LOGIN_CACHE = "/home/.aws/login/cache/"

--- The markers are written so that no tool takes the keys for real ones.
local function with_key_markers(file)
  if file.dpopKey then
    file.dpopKey = file.dpopKey:gsub("@@BEGIN%-KEY@@", "-----BEGIN PRIVATE KEY-----")
      :gsub("@@END%-KEY@@", "-----END PRIVATE KEY-----")
  end
  return file
end

--- Calls with a proof get the case's answers, in their order.
local function answer_logins(calls)
  local at = 0
  require "awl.core.client".set_gate(function(_, operation, input, options)
    if operation ~= "CreateOAuth2Token" or not options or not options.headers.DPoP then
      return nil -- only prepared, to learn its URL
    end
    at = at + 1
    local call = assert(calls[at], "one call too many")
    for name, value in pairs(call.request.tokenInput) do
      assert(input.tokenInput[name] == value, name .. " is another")
    end
    if call.response.tokenOutput then return { tokenOutput = call.response.tokenOutput } end
    error(require "awl.core.error".new { kind = "service", code = "AccessDeniedException",
      status = call.response.responseCode, message = "refused" }, 0)
  end)
  return function() return at ~= #calls and ("%d of %d calls were made"):format(at, #calls) or nil end
end

local function same(wanted, found)
  if type(wanted) ~= "table" or type(found) ~= "table" then return wanted == found end
  for name, value in pairs(wanted) do if not same(value, found[name]) then return false end end
  for name in pairs(found) do if wanted[name] == nil then return false end end
  return true
end

local check_login = {}

function check_login.error(_, ok) return ok and "credentials instead of an error" or nil end

function check_login.credentials(outcome, ok, found)
  if not ok then return tostring(found) end
  for name, key in pairs { access_key_id = "accessKeyId", session_token = "sessionToken",
      secret_access_key = "secretAccessKey", account_id = "accountId" } do
    if found[name] ~= outcome[key] then return name .. " is another" end
  end
  if outcome.expiresAt and found.expiration ~= awl.time.parse(outcome.expiresAt) then
    return "they end " .. awl.time.iso(found.expiration)
  end
end

function check_login.cacheContents(outcome)
  for name, wanted in pairs(outcome) do
    if name ~= "result" then
      local found = awl.json.decode(awl.fs.read_file(LOGIN_CACHE .. name))
      if not same(with_key_markers(wanted), found) then return name .. " is another" end
    end
  end
end

kinds["login-provider-tests"] = function(case)
  require "awl.core.testing".fake_clock(awl.time.parse "2025-11-19T00:00:00Z")
  replay.write_file("/home/.aws/config", case.configContents)
  for name, file in pairs(case.cacheContents) do
    replay.write_file(LOGIN_CACHE .. name, awl.json.encode(with_key_markers(file)))
  end
  local finish = answer_logins(case.mockApiCalls or {})
  local ok, found = search { "login" }
  for _, outcome in ipairs(case.outcomes) do
    local problem = check_login[outcome.result](outcome, ok, found)
    if problem then return problem end
  end
  return finish()
end

return kinds
