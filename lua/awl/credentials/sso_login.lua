--- How a profile logs in at IAM Identity Center: by an sso-session, or, as was done once,
--- by a start URL of its own.
local cache = require "awl.credentials.cache"
local config = require "awl.config"
local crypto = require "awl.core.crypto"
local errors = require "awl.core.error"

---@class awl.SsoLogin
---@field session awl.Session whose settings the calls take
---@field name string? of the sso-session
---@field start_url string
---@field region string
---@field account_id string?
---@field role_name string?
---@field path string? of the file with the token
---@field command string that logs in anew

local function fail(...)
  error(errors.new { kind = "config", code = "InvalidConfig", message = string.format(...) }, 0)
end

--- The settings of the profile with those of its sso-session, which may not contradict.
local function merged(context)
  local profile, name = context.settings, context.settings.sso_session
  if not name then return profile end
  local block = config.load().sso_sessions[name]
  if not block then
    fail("profile '%s' names the sso-session '%s', which is not in %s", context.profile, name,
      config.config_path() or "~/.aws/config")
  end
  local all = {}
  for key, value in pairs(profile) do all[key] = value end
  for key, value in pairs(block) do
    if profile[key] and profile[key] ~= value then
      fail("%s is '%s' in profile '%s' but '%s' in its sso-session '%s'", key, profile[key],
        context.profile, value, name)
    end
    all[key] = value
  end
  return all
end

local function require_keys(context, settings, keys)
  local missing = {}
  for _, key in ipairs(keys) do
    if not settings[key] or settings[key] == "" then missing[#missing + 1] = key end
  end
  if #missing > 0 then
    fail("profile '%s' is to log in by SSO but lacks %s", context.profile,
      table.concat(missing, ", "))
  end
end

--- Raises if the settings contradict each other, or some of `keys` are missing.
---@param context awl.CredentialContext
---@param keys string[]
---@return awl.SsoLogin
return function(context, keys)
  local settings = merged(context)
  require_keys(context, settings, keys)
  local name = settings.sso_session
  return {
    session = context.session, name = name,
    start_url = settings.sso_start_url, region = settings.sso_region,
    account_id = settings.sso_account_id, role_name = settings.sso_role_name,
    path = cache.path("sso/cache", crypto.sha1(name or settings.sso_start_url)),
    command = name and "aws sso login --sso-session " .. name
      or "aws sso login --profile " .. context.profile,
  }
end
