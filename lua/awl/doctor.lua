--- Looks at what calls depend on - configuration, credentials, the way to AWS, the clock -
--- and says what to do about what is wrong. Shows no secret.
local client_settings = require "awl.client_settings"
local config = require "awl.config"
local fs = require "awl.fs"
local masked_url = require "awl.masked_url"
local models = require "awl.core.models"
local private_file = require "awl.private_file"
local settings = require "awl.core.settings"
local time = require "awl.time"

---@class awl.Check
---@field name string
---@field status "ok"|"note"|"problem"
---@field text string
---@field advice string?
---@field details string[]?

---@class awl.Checkup
---@field offline boolean
---@field checks awl.Check[]
---@field session awl.Session?
---@field credentials table?
local Checkup = {}
Checkup.__index = Checkup

local CLOCK_NOTE, CLOCK_PROBLEM = 30, 240 -- seconds; AWS accepts 300
local FEW_FILES = 1024

---@private
function Checkup:add(name, status, text, advice, details)
  self.checks[#self.checks + 1] =
    { name = name, status = status, text = text, advice = advice, details = details }
end

--- Without the place in a Lua file that some errors have.
local function words(err)
  return type(err) == "table" and tostring(err.message or err) or tostring(err)
end

-- ---- configuration ----

local function check_models(self)
  local version, origin = models.pack()
  self:add("models", "ok", ("%s, %s"):format(version, origin))
end

local function check_file(self, name, path, variable)
  local from = os.getenv(variable) and " (" .. variable .. ")" or ""
  if not path then return self:add(name, "note", "none: HOME is not set") end
  if not fs.exists(path) then return self:add(name, "ok", path .. " is not there" .. from) end
  self:add(name, "ok", path .. from)
end

--- Whether they can be used.
local function check_files(self)
  check_file(self, "config file", config.config_path(), "AWS_CONFIG_FILE")
  check_file(self, "credentials file", config.credentials_path(), "AWS_SHARED_CREDENTIALS_FILE")
  local ok, err = pcall(config.load)
  if not ok then self:add("files", "problem", words(err), "correct that; the rest depends on it") end
  return ok
end

local function profile_source()
  if settings.profile then return "--profile" end
  for _, name in ipairs { "AWS_PROFILE", "AWS_DEFAULT_PROFILE" } do
    local value = os.getenv(name)
    if value and value ~= "" then return name end
  end
  return "nobody names another"
end

local function check_profile(self)
  local ok, session = pcall(require("awl.session").session)
  if not ok then
    return self:add("profile", "problem", words(session), "name one that is there by --profile "
      .. "or AWS_PROFILE")
  end
  self.session = session
  self:add("profile", "ok", ("%s (%s)"):format(session.profile, profile_source()))
end

local function check_region(self)
  local ok, region, source = pcall(client_settings.get, "region", self.session.profile)
  if not ok then return self:add("region", "problem", words(region)) end
  if not region then
    return self:add("region", "problem", "none is set",
      "set AWS_REGION, or region in the profile, or give --region")
  end
  self:add("region", "ok", ("%s (%s)"):format(region, source))
end

--- Every other setting that somebody has set.
local function check_settings(self)
  local names, set = {}, {}
  for name in pairs(client_settings.known) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local ok, value, source = pcall(client_settings.get, name, self.session.profile)
    if not ok then
      self:add("setting", "problem", words(value), "correct it where it stands")
    elseif value ~= nil and name ~= "region" and name ~= "ca_bundle" then
      set[#set + 1] = ("%s = %s (%s)"):format(name, tostring(value), source)
    end
  end
  local endpoint = os.getenv "AWS_ENDPOINT_URL"
  if settings.endpoint_url or endpoint then
    set[#set + 1] = ("endpoint_url = %s (%s)"):format(
      masked_url(settings.endpoint_url or endpoint),
      settings.endpoint_url and "--endpoint-url" or "AWS_ENDPOINT_URL")
  end
  if #set > 0 then self:add("settings", "ok", #set .. " set", nil, set) end
end

-- ---- the way to AWS ----

local function can_read(path)
  local file = io.open(path, "r")
  if file then file:close() end
  return file ~= nil
end

local function check_ca_bundle(self)
  local ok, path, source = pcall(client_settings.get, "ca_bundle", self.session.profile)
  if not ok then return self:add("CA bundle", "problem", words(path)) end
  if not path then return self:add("CA bundle", "ok", "the system's") end
  if not can_read(path) then
    return self:add("CA bundle", "problem", ("%s (%s) cannot be read"):format(path, source),
      "name a PEM file with certificates, or nothing to use the system's")
  end
  self:add("CA bundle", "ok", ("%s (%s)"):format(path, source))
end

local function check_proxy(self)
  local found = {}
  for _, name in ipairs { "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY",
                          "all_proxy", "NO_PROXY", "no_proxy" } do
    local value = os.getenv(name)
    if value and value ~= "" then found[#found + 1] = name .. "=" .. masked_url(value) end
  end
  self:add("proxy", "ok", #found > 0 and table.concat(found, " ") or "none")
end

--- libcurl heeds it.
local function check_key_log(self)
  local path = os.getenv "SSLKEYLOGFILE"
  if not path or path == "" then return end
  self:add("TLS keys", "note", "written to " .. path .. " (SSLKEYLOGFILE)",
    "unset it: who has that file can read what is sent, keys and tokens too")
end

local function check_file_limit(self)
  local file <close> = io.open "/proc/self/limits"
  local soft = file and file:read("a"):match "Max open files%s+(%w+)"
  if not soft then return end
  local few = tonumber(soft) and tonumber(soft) < FEW_FILES
  self:add("open files", few and "note" or "ok", ("at most %s"):format(soft),
    few and "`ulimit -Hn 65536` gives room for more connections" or nil)
end

-- ---- who calls ----

local function last_of(id) return "..." .. id:sub(-4) end

local function describe_keys(found)
  local ends = found.expiration and ", until " .. time.iso(found.expiration // 1) or ""
  return ("%s, key %s%s"):format(found.provider, last_of(found.access_key_id), ends)
end

--- One line for each provider that was asked.
local function lines_of(attempts)
  local lines = {}
  for i, attempt in ipairs(attempts) do
    local name = attempt.provider:gsub("_", " ")
    local what = attempt.found and "found" or attempt.reason
    if attempt.error ~= nil then what = words(attempt.error) end
    lines[i] = ("%s: %s"):format(name, what)
  end
  return lines
end

local function provider_names(chain, offline)
  if not offline then return chain.order end
  local names = {}
  for _, name in ipairs(chain.order) do
    if not require("awl.credentials." .. name).waits then names[#names + 1] = name end
  end
  return names
end

local function check_credentials(self)
  if settings.no_sign_request then
    return self:add("credentials", "ok", "not needed (--no-sign-request)")
  elseif settings.credentials then
    self.credentials = settings.credentials
    return self:add("credentials", "ok", "the emulator's")
  end
  local chain = require "awl.credentials.chain"
  local names = provider_names(chain, self.offline)
  local found, attempts = chain.search(chain.context(self.session), names)
  local lines = lines_of(attempts)
  if self.offline and #names < #chain.order then
    lines[#lines + 1] = "those that need the network or another program were not asked"
  end
  if found then
    self.credentials = found
    return self:add("credentials", "ok", describe_keys(found), nil, lines)
  end
  local last = attempts[#attempts]
  if last and last.error ~= nil then
    local told = type(last.error) == "table" and last.error.code == "LoginRequired"
    return self:add("credentials", "problem", words(last.error), not told
      and ("correct what the provider '%s' needs: it is set, and so no other one is asked")
        :format((last.provider:gsub("_", " "))) or nil, lines)
  end
  self:add("credentials", self.offline and "note" or "problem", "none found",
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile with a login, "
      .. "keys or a role", lines)
end

local ADVICE = {
  ExpiredToken = "the credentials have expired: get new ones where they come from",
  ExpiredTokenException = "the credentials have expired: get new ones where they come from",
  InvalidClientTokenId = "AWS does not know this key id: it was deleted, or belongs to another partition",
  UnrecognizedClientException = "AWS does not know this key id, or its session token is missing",
  SignatureDoesNotMatch = "the secret does not belong to the key id",
  transport = "look at network, proxy and CA bundle",
  timeout = "look at network and proxy",
}

local function add_clock(self, date, midway)
  local ok, at = pcall(time.parse, date or "")
  if not ok then return end
  local offset = at + 0.5 - midway -- a Date has no fractions
  local text = ("%.0f s %s AWS's"):format(math.abs(offset), offset > 0 and "behind" or "ahead of")
  if math.abs(offset) < 2 then text = "as AWS's" end
  local status = math.abs(offset) >= CLOCK_PROBLEM and "problem"
    or math.abs(offset) >= CLOCK_NOTE and "note" or "ok"
  self:add("clock", status, text, status ~= "ok"
    and "set this machine's clock by NTP: signatures are good for five minutes" or nil)
end

local function check_caller(self)
  if self.offline or not self.credentials then
    return self:add("caller", "note", self.offline and "not asked (--offline)"
      or "not asked, for want of credentials")
  end
  local sts = self.session:client("sts", { credentials = self.credentials,
    region = self.session.region or "us-east-1" })
  local began = time.now()
  local ok, answer = pcall(sts.get_caller_identity, sts)
  local midway = (began + time.now()) / 2
  if not ok then
    return self:add("caller", "problem", tostring(answer),
      type(answer) == "table" and (ADVICE[answer.code] or ADVICE[answer.kind]) or nil)
  end
  self:add("caller", "ok", ("%s, account %s"):format(answer.Arn, answer.Account))
  add_clock(self, answer.ResponseMetadata.HTTPHeaders.date, midway)
end

local function check_privacy(self)
  for _, path in ipairs(private_file.list()) do
    self:add("permissions", "note", path .. " can be read by others", "chmod 600 " .. path)
  end
end

local doctor = {}

---@param options { offline: boolean? }
---@return awl.Check[]
function doctor.run(options)
  local self = setmetatable({ offline = options.offline or false, checks = {} }, Checkup)
  check_models(self)
  if check_files(self) then check_profile(self) end
  if self.session then
    check_region(self)
    check_settings(self)
    check_ca_bundle(self)
  end
  check_proxy(self)
  check_key_log(self)
  check_file_limit(self)
  if self.session then
    check_credentials(self)
    check_caller(self)
  end
  check_privacy(self)
  return self.checks
end

return doctor
