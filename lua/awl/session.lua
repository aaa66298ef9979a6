--- Sessions: profile, region and credentials, and the clients made from them.
local add_proxy = require "awl.proxy_settings"
local add_token = require "awl.token_settings"
local client_settings = require "awl.client_settings"
local config = require "awl.config"
local core = require "awl.core.client"
local default_region = require "awl.default_region"
local errors = require "awl.core.error"
local masked_url = require "awl.masked_url"
local refresh = require "awl.credentials.refresh"
local settings = require "awl.core.settings"

---@class awl.Session
---@field profile string
---@field profile_given boolean the profile was named, not only the default
---@field region string?
---@field package region_given string? the region that was named for this session
---@field package credentials userdata the slot that all its clients share
---@field package anonymous boolean
---@field package metadata table<string, any> settings of the metadata service
---@field package token string|function|nil
---@field package clients table<string, awl.Client>
local Session = {}
Session.__index = Session

local function env(...)
  for _, name in ipairs { ... } do
    local value = os.getenv(name)
    if value and value ~= "" then return value end
  end
  return nil
end

--- Runs fn; what it raises as text becomes an error of kind "config".
local function configured(code, fn, ...)
  local results = table.pack(pcall(fn, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  if type(results[2]) ~= "string" then error(results[2], 0) end
  error(errors.new { kind = "config", code = code, message = results[2] }, 0)
end

--- Fills the slot from the chain of providers.
local function refresher(session)
  return refresh(function(refused)
    return configured("NoCredentials", require("awl.credentials.chain").find, session, refused)
  end)
end

--- Those of the options, else those that --local has set; false for none at all.
local function given_credentials(options)
  if options.credentials ~= nil then return options.credentials end
  return settings.credentials
end

--- A provider of keys that were given, or that a function gives: nothing takes their
--- place when they have expired.
local function provider_of(given)
  return function(refused)
    local keys = given
    if type(given) == "function" then keys = given(refused) end
    if type(keys) ~= "table" then
      error(errors.new { kind = "config", code = "InvalidCredentials",
        message = "credentials must be a table, or a function that returns one, got " .. type(keys) }, 0)
    end
    return {
      access_key_id = keys.access_key_id, secret_access_key = keys.secret_access_key,
      session_token = keys.session_token, account_id = keys.account_id,
      expiration = keys.expiration, final = type(given) == "table", provider = "explicit",
      features = "e",
    }
  end
end

--- The slot of a session: filled by `provide`, by what was given, or by the chain.
local function slot_of(session, given, provide)
  if given == nil and not provide then return core.credentials(refresher(session)) end
  if given == false then
    local slot = core.credentials()
    core.set_credentials(slot, { anonymous = true })
    return slot
  end
  provide = provide or provider_of(given)
  local slot = core.credentials(refresh(provide))
  if given ~= nil and type(given) ~= "function" then core.set_credentials(slot, provide()) end
  return slot
end

local function check_type(what, options)
  if type(options) ~= "table" then
    error(("%s options must be a table, got %s"):format(what, type(options)), 0)
  end
end

--- The names are those of `known` and, if given, `more`.
local function check_options(what, options, known, more)
  check_type(what, options)
  for name in pairs(options) do
    if not known[name] and not (more and more[name]) then
      local names = {}
      for other in pairs(known) do names[#names + 1] = other end
      for other in pairs(more or {}) do names[#names + 1] = other end
      table.sort(names)
      local hint = require "awl.core.text".did_you_mean(tostring(name), names)
      error(("unknown %s option '%s'%s"):format(what, tostring(name),
        hint ~= "" and hint or "; there are " .. table.concat(names, ", ")), 0)
    end
  end
end

-- Settings of the metadata service; a role is assumed with the rest.
local METADATA_OPTIONS = {
  "ec2_metadata_service_endpoint", "ec2_metadata_service_endpoint_mode",
  "ec2_instance_profile_name", "ec2_metadata_v1_disabled",
}
local SESSION_OPTIONS = {
  profile = true, region = true, credentials = true, token = true, role_arn = true,
}
for _, name in ipairs(METADATA_OPTIONS) do SESSION_OPTIONS[name] = true end

--- A session; without options, what the environment and the command line say.
---@param options awl.SessionOptions
---@param provide (fun(refused: boolean): table)? where its credentials come from
---@return awl.Session
local function make_session(options, provide)
  local self = setmetatable({ clients = {} }, Session)
  local given = options.profile or settings.profile
  self.profile_given = given ~= nil
  self.profile = given or not settings["local"] and env("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    or "default"
  self.token = options.token
  self.region_given = options.region
  -- A profile that does not exist is an error even where the environment has keys.
  configured("InvalidConfig", config.profile, self.profile)
  self.region = configured("InvalidConfig", client_settings.get, "region", self.profile,
    options.region)
  self.metadata = {}
  for _, name in ipairs(METADATA_OPTIONS) do self.metadata[name] = options[name] end
  local keys
  if not provide then keys = given_credentials(options) end
  self.anonymous = keys == false
  self.credentials = slot_of(self, keys, provide)
  return self
end

--- The role's options and those of the session that assumes it. Others than the role's and
--- `known` are refused.
local function split_options(what, options, known)
  local role, rest = {}, {}
  local names = require("awl.credentials.role_options").names
  configured("InvalidOption", check_options, what, options, known, names)
  for name, value in pairs(options) do (names[name] and role or rest)[name] = value end
  return role, rest
end

---@param options awl.SessionOptions?
---@return awl.Session
local function new_session(options)
  configured("InvalidOption", check_type, "session", options or {})
  if not options or not options.role_arn then
    configured("InvalidOption", check_options, "session", options or {}, SESSION_OPTIONS)
    return make_session(options or {})
  end
  local role, rest = split_options("session", options, SESSION_OPTIONS)
  return make_session(rest):assume_role(role)
end

--- A session of a role that is assumed with this session's credentials, when it is first
--- needed and again before they end.
---@param options awl.RoleOptions
---@return awl.Session
function Session:assume_role(options)
  local role_options = require "awl.credentials.role_options"
  local role = split_options("assume_role", options, { region = true })
  local arguments = configured("InvalidOption", role_options.arguments, role)
  local code = role_options.code(role)
  local session = make_session({
    profile = self.profile_given and self.profile or nil,
    region = options.region or self.region_given,
  }, function()
    local sts = require "awl.credentials.sts"
    local credentials = configured("NoCredentials", sts.role, sts.client(self), arguments, code)
    credentials.features = "i"
    credentials.final = role.mfa_serial and type(role.mfa_code) ~= "function"
    return credentials
  end)
  return session
end

--- The endpoint that somebody set for a service, most specific first.
local function configured_endpoint(session, service_id)
  local name = service_id:gsub("[%s%-]", "_")
  local value = env("AWS_ENDPOINT_URL_" .. name:upper(), "AWS_ENDPOINT_URL")
  if value then return value end
  local profile = config.profile(session.profile)
  local services = profile.services and config.load().services[profile.services]
  local block = services and services[name:lower()]
  return type(block) == "table" and block.endpoint_url or profile.endpoint_url
end

--- What the script or somebody else has set as the service's URL.
local function endpoint_url_of(options, session, given, service_id)
  local url = given.endpoint_url or settings.endpoint_url
  if not url and not options.ignore_configured_endpoint_urls then
    url = configured_endpoint(session, service_id)
  end
  if url and type(url) ~= "string" then
    error("endpoint_url must be a string, got " .. type(url), 0)
  elseif url and not url:find "^https?://[^/]" then
    error(("endpoint URL '%s' must begin with http:// or https:// and a host"):format(masked_url(url)), 0)
  end
  return url
end

-- Beside client_settings.known.
local CLIENT_OPTIONS = {
  profile = true, session = true, endpoint_url = true, credentials = true, api_version = true,
  verify_ssl = true, sign = true, token = true, retries = true, proxy = true,
}
for name in pairs(client_settings.known) do CLIENT_OPTIONS[name] = true end
CLIENT_OPTIONS.retry_mode = nil -- it is a field of `retries`

local function first(...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if value ~= nil then return value end
  end
  return nil
end

--- What the C side wants to know, every default filled in.
local function resolve_options(session, service, given)
  local profile = config.profile(session.profile)
  local versions = type(profile.api_versions) == "table" and profile.api_versions or {}
  local api_version = first(given.api_version, versions[service])
  local service_id, name, signing_name = core.service_id(service, api_version)
  local options = client_settings.resolve(session, given, name)
  options.service, options.api_version = name, api_version
  options.given, options.session = given, session
  options.profile = session.profile_given and session.profile or nil
  options.credentials = session.credentials
  options.verify_ssl = first(given.verify_ssl, not settings.no_verify_ssl)
  options.sign = first(given.sign, not settings.no_sign_request)
  options.endpoint_url = endpoint_url_of(options, session, given, service_id)
  options.region = options.region or default_region(name, options.endpoint_url)
  -- What the configuration says about AWS's endpoints does not touch one of the user's
  -- own; asked for together they contradict each other, and the rules say so.
  if options.endpoint_url then
    options.use_fips_endpoint = given.use_fips_endpoint
    options.use_dualstack_endpoint = given.use_dualstack_endpoint
  end
  add_token(options, session, given, signing_name)
  add_proxy(options, given)
  return options
end

--- The session that the options are about: `base`, or one made for the profile or the
--- credentials in them.
local function session_of(base, options)
  base = options.session or base
  if not options.profile and options.credentials == nil then return base end
  return new_session {
    profile = options.profile or base and base.profile_given and base.profile or nil,
    region = base and base.region_given,
    credentials = options.credentials,
  }
end

local default

local function default_session()
  default = default or new_session()
  return default
end

local function cached_client(session, service)
  local client = session.clients[service]
  if not client then
    client = core.new(configured("InvalidConfig", resolve_options, session, service, {}))
    session.clients[service] = client
  end
  return client
end

--- A client of the session `base`, of the default one if that is nil.
local function new_client(base, service, options)
  if type(service) ~= "string" then
    error("the service must be a string, got " .. type(service), 3)
  end
  if options == nil then return cached_client(base or default_session(), service) end
  configured("InvalidOption", check_options, "client", options, CLIENT_OPTIONS)
  local session = session_of(base, options) or default_session()
  return core.new(configured("InvalidConfig", resolve_options, session, service, options))
end

--- A client of this session; of another one made from it if the options name a profile
--- or credentials.
---@param service string
---@param options table?
---@return awl.Client
function Session:client(service, options)
  local client = new_client(self, service, options)
  return client
end

--- awl.client(service, options): of the default session, of the one in the options,
--- or of one made for the profile or credentials in them.
local function client(service, options)
  local made = new_client(nil, service, options)
  return made
end

return { client = client, session = new_session }
