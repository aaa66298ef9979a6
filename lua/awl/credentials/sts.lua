--- Credentials that STS gives for a role, kept in the AWS CLI's cache.
local cache = require "awl.credentials.cache"
local cache_key = require "awl.credentials.cache_key"
local time = require "awl.time"

local sts = {}

local SOON = 15 * 60 -- seconds; what ends earlier is not taken from the cache

--- A client of STS in the session's region.
---@param session awl.Session
---@param credentials table|false|nil instead of the session's own
---@return awl.Client
function sts.client(session, credentials)
  return session:client("sts",
    { credentials = credentials, region = session.region or "us-east-1" })
end

---@return string
function sts.default_session_name() return "awl-session-" .. math.tointeger(time.now() // 1) end

--- What an answer of STS has, also one that stood in the cache.
local function as_credentials(answer, provider)
  local keys = answer.Credentials
  local arn = answer.AssumedRoleUser and answer.AssumedRoleUser.Arn or ""
  local expiration = keys.Expiration
  if type(expiration) == "string" then
    expiration = time.parse((expiration:gsub("UTC$", "Z"))) -- as the AWS CLI writes it
  end
  if not (type(keys.AccessKeyId) == "string" and type(keys.SecretAccessKey) == "string"
      and type(keys.SessionToken or "") == "string" and expiration) then
    error("the answer of STS has no credentials", 0)
  end
  return {
    access_key_id = keys.AccessKeyId, secret_access_key = keys.SecretAccessKey,
    session_token = keys.SessionToken, expiration = expiration,
    account_id = arn:match "^arn:[^:]*:[^:]*:[^:]*:(%d+):", provider = provider,
  }
end

local function cached(path, provider)
  local ok, found = pcall(as_credentials, cache.read(path), provider)
  return ok and found.expiration - time.now() >= SOON and found or nil
end

local function to_cache(answer, credentials)
  return {
    Credentials = {
      AccessKeyId = credentials.access_key_id, SecretAccessKey = credentials.secret_access_key,
      SessionToken = credentials.session_token, AccountId = credentials.account_id,
      Expiration = time.iso(credentials.expiration // 1),
    },
    AssumedRoleUser = answer.AssumedRoleUser,
  }
end

--- What `ask` gets from STS, without asking when it is in the cache.
---@param arguments table what the cache file is named after
---@param provider string
---@param refused boolean? the cache is not to be believed
---@param ask fun(client: awl.Client): table the answer
---@param client fun(): awl.Client made before the lock is taken: its keys may be in the
--- cache too
---@return table credentials
function sts.through_cache(arguments, provider, refused, ask, client)
  local path = cache.path("cli/cache", cache_key(arguments))
  local found = not refused and cached(path, provider)
  if found then return found end
  local made = client()
  return cache.locked(path, function()
    found = not refused and cached(path, provider) -- another program may have been here
    if found then return found end
    local answer = ask(made)
    local credentials = as_credentials(answer, provider)
    cache.write(path, to_cache(answer, credentials))
    return credentials
  end)
end

--- AssumeRole, with the name of a session if there is none, and a code if one is needed.
---@param client awl.Client
---@param arguments table
---@param code (fun(serial: string): string)? asks for the code of the MFA device
---@return table answer
function sts.assume_role(client, arguments, code)
  local all = {}
  for name, value in pairs(arguments) do all[name] = value end
  all.RoleSessionName = all.RoleSessionName or sts.default_session_name()
  if all.SerialNumber then all.TokenCode = code(all.SerialNumber) end
  return client:assume_role(all)
end

--- The same as credentials, without the cache.
---@return table credentials
function sts.role(client, arguments, code)
  return as_credentials(sts.assume_role(client, arguments, code), "assume role")
end

return sts
