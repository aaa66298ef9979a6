--- Credentials of a session that `aws login` has begun: in a file of its own, renewed with
--- a proof of possession (DPoP) a few minutes before they end.
local cache = require "awl.credentials.cache"
local config = require "awl.config"
local crypto = require "awl.core.crypto"
local dpop = require "awl.credentials.dpop"
local errors = require "awl.core.error"
local log = require "awl.log"
local login_required = require "awl.credentials.login_required"
local time = require "awl.time"

local SOON = 5 * 60 -- seconds
local FIELDS = { "accessToken", "refreshToken", "dpopKey", "clientId" }

local function cache_path(name)
  local folder = os.getenv "AWS_LOGIN_CACHE_DIRECTORY"
  local key = crypto.sha256(name)
  if folder and folder ~= "" then return ("%s/%s.json"):format(config.expand(folder), key) end
  return cache.path("login/cache", key)
end

local function again(context, what)
  login_required(("the login session of profile '%s' %s"):format(context.profile, what),
    "aws login --profile " .. context.profile)
end

local function seconds_left(file)
  local ok, at = pcall(time.parse, tostring(file.accessToken.expiresAt))
  return ok and at - time.now() or 0
end

-- Sessions that could not be written, by file: their refresh tokens are the valid ones.
local unwritten = {}

local function in_file(context, path)
  local file = cache.read(path)
  if not file then again(context, "is not in " .. (path or "~/.aws/login/cache")) end
  for _, field in ipairs(FIELDS) do
    if not file[field] then again(context, ("lacks %s in %s"):format(field, path)) end
  end
  if type(file.accessToken) ~= "table" then again(context, "has no accessToken in " .. path) end
  return file
end

local function read(context, path)
  local file, newer = in_file(context, path), unwritten[path]
  return newer and seconds_left(newer) > seconds_left(file) and newer or file
end

local function as_credentials(file)
  local token = file.accessToken
  return {
    access_key_id = token.accessKeyId, secret_access_key = token.secretAccessKey,
    session_token = token.sessionToken, account_id = token.accountId,
    expiration = time.parse(token.expiresAt), provider = "login",
  }
end

local function create_token(context, file)
  local signin = context.session:client("signin", { sign = false })
  local input = { tokenInput = {
    clientId = file.clientId, refreshToken = file.refreshToken, grantType = "refresh_token",
  } }
  local request = signin:prepare("create_o_auth2_token", input)
  local proof = dpop(file.dpopKey, request.method, request.url)
  local output = signin:create_o_auth2_token(input, { headers = { DPoP = proof } }).tokenOutput
  if not output or not output.accessToken or not output.expiresIn then
    error("the answer of signin has no token", 0)
  end
  return output
end

local DENIED = {
  TOKEN_EXPIRED = "has expired",
  USER_CREDENTIALS_CHANGED = "has ended, for the user's password was changed",
}

local function explain(context, err)
  local reason = type(err) == "table" and err.code == "AccessDeniedException" and err.error
  if DENIED[reason] then again(context, DENIED[reason]) end
  if reason == "INSUFFICIENT_PERMISSIONS" then
    error(errors.new { kind = "config", code = "InsufficientPermissions",
      message = ("profile '%s' may not renew its login session: the user lacks the permission "
        .. "signin:CreateOAuth2Token"):format(context.profile) }, 0)
  end
  error(err, 0)
end

local function renewed(file, output)
  local new = {}
  for key, value in pairs(file) do new[key] = value end
  new.accessToken = {
    accessKeyId = output.accessToken.accessKeyId,
    secretAccessKey = output.accessToken.secretAccessKey,
    sessionToken = output.accessToken.sessionToken,
    accountId = file.accessToken.accountId,
    expiresAt = time.iso(math.floor(time.now()) + output.expiresIn),
  }
  new.refreshToken = output.refreshToken or file.refreshToken
  return new
end

--- With the lock: another program may have been here.
local function refresh(context, path, refused)
  local file = read(context, path)
  local left = seconds_left(file)
  if left > SOON and not refused then return file end
  local ok, output = pcall(create_token, context, file)
  if ok then
    local new = renewed(file, output)
    unwritten[path] = not cache.write(path, new) and new or nil
    return new
  end
  if left <= 0 or errors.is_canceled(output) then explain(context, output) end
  log.warn("the login session cannot be renewed",
    { profile = context.profile, error = tostring(output), seconds_left = math.max(0, left // 1) })
  return file
end

---@type awl.CredentialProvider
local login = { waits = true, of_profile = true, features = "AC,AD" }

function login.find(context)
  local name = context.settings.login_session
  if not name or name == "" then
    return nil, ("profile '%s' has no login_session"):format(context.profile)
  end
  local path = cache_path(name)
  local file = read(context, path)
  if context.refused or seconds_left(file) <= SOON then
    file = cache.locked(path, refresh, context, path, context.refused)
  end
  return as_credentials(file)
end

return login
