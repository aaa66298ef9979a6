--- Credentials of a role that IAM Identity Center gives to who has logged in there.
local cache = require "awl.credentials.cache"
local crypto = require "awl.core.crypto"
local json = require "awl.json"
local login_required = require "awl.credentials.login_required"
local read_login = require "awl.credentials.sso_login"
local sso_token = require "awl.credentials.sso_token"
local time = require "awl.time"

local SOON = 15 * 60 -- seconds; what ends earlier is not taken from the file

--- The file's name as the AWS CLI makes it.
local function cache_path(login)
  local text = ('{"accountId":%s,"roleName":%s,%s:%s}'):format(json.encode(login.account_id),
    json.encode(login.role_name), login.name and '"sessionName"' or '"startUrl"',
    json.encode(login.name or login.start_url))
  return cache.path("cli/cache", crypto.sha1(text))
end

local function as_credentials(login, found)
  return {
    access_key_id = found.AccessKeyId, secret_access_key = found.SecretAccessKey,
    session_token = found.SessionToken, account_id = login.account_id,
    expiration = time.parse(found.Expiration), provider = "SSO",
    features = login.name and "r,s" or "t,u",
  }
end

local function cached(login, path)
  local file = cache.read(path)
  local ok, found = pcall(as_credentials, login, file and file.Credentials)
  local good = ok and type(found.access_key_id) == "string"
    and type(found.secret_access_key) == "string" and type(found.session_token or "") == "string"
    and found.expiration - time.now() >= SOON
  return good and found or nil
end

local function ask(login)
  local client = login.session:client("sso", { region = login.region, sign = false })
  local ok, answer = pcall(client.get_role_credentials, client, {
    roleName = login.role_name, accountId = login.account_id, accessToken = sso_token(login),
  })
  if ok then return answer.roleCredentials end
  if type(answer) == "table" and answer.code == "UnauthorizedException" then
    login_required(("the SSO token for '%s' is not valid any more")
      :format(login.name or login.start_url), login.command)
  end
  error(answer, 0)
end

--- With the lock: another program may have been here.
local function fetch(login, path, refused)
  local found = not refused and cached(login, path)
  if found then return found end
  local keys = ask(login)
  if not keys or not keys.accessKeyId or not keys.expiration then
    error("the answer of SSO has no credentials", 0)
  end
  local kept = {
    AccessKeyId = keys.accessKeyId, SecretAccessKey = keys.secretAccessKey,
    SessionToken = keys.sessionToken, AccountId = login.account_id,
    Expiration = time.iso(keys.expiration // 1000),
  }
  cache.write(path, { ProviderType = "sso", Credentials = kept })
  return as_credentials(login, kept)
end

---@type awl.CredentialProvider
local sso = { waits = true, of_profile = true }

function sso.find(context)
  local settings = context.settings
  if not settings.sso_account_id and not settings.sso_role_name then
    local why = settings.sso_session and "an sso_session, but no sso_account_id and sso_role_name"
      or "no sso_account_id"
    return nil, ("profile '%s' has %s"):format(context.profile, why)
  end
  local login = read_login(context,
    { "sso_role_name", "sso_account_id", "sso_start_url", "sso_region" })
  local path = cache_path(login)
  return not context.refused and cached(login, path)
    or cache.locked(path, fetch, login, path, context.refused)
end

return sso
