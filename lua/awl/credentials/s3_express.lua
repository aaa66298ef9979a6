--- Sessions with the directory buckets of S3 Express: short-lived keys, one set a bucket.
---
--- Clients with the same credentials and endpoint share them. One CreateSession runs for
--- all who wait; keys that will last a little longer are replaced in the background.
local core = require "awl.core.client"
local errors = require "awl.core.error"
local task = require "awl.core.task"

local KEPT = 100 -- sessions for each set of credentials
local SOON, NOW = 45, 10 -- seconds before they expire

---@class awl.S3ExpressSession
---@field slot userdata
---@field detour { credentials: userdata } what a call is told
---@field used integer when, in uses of all
---@field running awl.Task? the CreateSession that is under way

---@type table<userdata, { count: integer, by_key: table<string, awl.S3ExpressSession> }>
local caches = setmetatable({}, { __mode = "k" })
local uses = 0

local function drop_oldest(cache)
  local oldest
  for key, session in pairs(cache.by_key) do
    if not oldest or session.used < cache.by_key[oldest].used then oldest = key end
  end
  cache.by_key[oldest] = nil
  cache.count = cache.count - 1
end

local function session_of(client, bucket)
  local options = core.options(client)
  local cache = caches[options.credentials]
  if not cache then
    cache = { count = 0, by_key = {} }
    caches[options.credentials] = cache
  end
  local key = ("%s\0%s\0%s"):format(bucket, options.endpoint_url or "", options.region or "")
  local session = cache.by_key[key]
  if not session then
    if cache.count >= KEPT then drop_oldest(cache) end
    session = { slot = core.credentials() }
    session.detour = { credentials = session.slot }
    cache.by_key[key] = session
    cache.count = cache.count + 1
  end
  uses = uses + 1
  session.used = uses
  return session
end

local function create(session, client, bucket)
  local keys = client:call("CreateSession", { Bucket = bucket }).Credentials
  if not keys then
    error(errors.new { kind = "service", code = "NoCredentials", service = "s3",
      operation = "CreateSession", message = "the answer has no keys" }, 0)
  end
  core.set_credentials(session.slot, {
    access_key_id = keys.AccessKeyId, secret_access_key = keys.SecretAccessKey,
    session_token = keys.SessionToken, expiration = keys.Expiration, provider = "S3 Express",
  })
end

--- The task that creates the session: the one that does already, or a new one. It goes on
--- when those who wait for it are canceled.
local function refresh(session, client, bucket)
  session.running = session.running or task.spawn(function()
    local ok, err = pcall(create, session, client, bucket)
    session.running = nil
    if ok then return nil end
    if errors.is_canceled(err) then error(err, 0) end
    return err
  end)
  return session.running
end

--- The keys for the bucket that an input names.
---@param client awl.Client
---@param _operation string
---@param input { Bucket: string }
---@return { credentials: userdata }
return function(client, _operation, input)
  local session = session_of(client, input.Bucket)
  if not core.credentials_usable(session.slot, NOW) then
    local err = refresh(session, client, input.Bucket):await()
    if err then error(err, 0) end
  elseif not core.credentials_usable(session.slot, SOON) then
    refresh(session, client, input.Bucket) -- what fails here is tried again
  end
  return session.detour
end
