--- Sessions: profile, region and credentials, and the clients made from them.
local add_auth_options = require "awl.auth_settings"
local add_retry_options = require "awl.retry_settings"
local config = require "awl.config"
local core = require "awl.core.client"
local errors = require "awl.core.error"
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
  local function ask(how)
    return function(refused)
      return configured("NoCredentials", require("awl.credentials.chain")[how], session, refused)
    end
  end
  return refresh(ask "wait", ask "at_once")
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
    return {
      access_key_id = keys.access_key_id, secret_access_key = keys.secret_access_key,
      session_token = keys.session_token, account_id = keys.account_id,
      expiration = keys.expiration, final = type(given) == "table", provider = "explicit",
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
  if type(given) == "table" then core.set_credentials(slot, provide()) end
  return slot
end

local function check_type(what, options)
  if type(options) ~= "table" then
    error(("%s options must be a table, got %s"):format(what, type(options)), 0)
  end
end

local function check_options(what, options, known)
  check_type(what, options)
  for name in pairs(options) do
    if not known[name] then
      local names = {}
      for other in pairs(known) do names[#names + 1] = other end
      table.sort(names)
      error(("unknown %s option '%s'; there are %s"):format(what, tostring(name),
        table.concat(names, ", ")), 0)
    end
  end
end

-- Settings of the metadata service; a role is assumed with the rest.
local METADATA_OPTIONS = {
  "ec2_metadata_service_endpoint", "ec2_metadata_service_endpoint_mode",
  "ec2_instance_profile_name", "ec2_metadata_v1_disabled",
}
local SESSION_OPTIONS = { profile = true, region = true, credentials = true, token = true }
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
  self.region = options.region or settings.region or env("AWS_REGION", "AWS_DEFAULT_REGION")
  -- A profile that does not exist is an error even where the environment has keys.
  local profile = configured("InvalidConfig", config.profile, self.profile)
  self.region = self.region or profile.region
  self.metadata = {}
  for _, name in ipairs(METADATA_OPTIONS) do self.metadata[name] = options[name] end
  local keys
  if not provide then keys = given_credentials(options) end
  self.anonymous = keys == false
  self.credentials = slot_of(self, keys, provide)
  return self
end

--- The role's options and those of the session that assumes it.
local function split_options(options)
  local role, rest = {}, {}
  local names = require("awl.credentials.role_options").names
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
  local role, rest = split_options(options)
  configured("InvalidOption", check_options, "session", rest, SESSION_OPTIONS)
  return make_session(rest):assume_role(role)
end

--- A session of a role that is assumed with this session's credentials, when it is first
--- needed and again before they end.
---@param options awl.RoleOptions
---@return awl.Session
function Session:assume_role(options)
  configured("InvalidOption", check_type, "assume_role", options)
  local role_options = require "awl.credentials.role_options"
  local role, rest = split_options(options)
  configured("InvalidOption", check_options, "assume_role", rest, { region = true })
  local arguments = configured("InvalidOption", role_options.arguments, role)
  local code = role_options.code(role)
  local session = make_session({
    profile = self.profile_given and self.profile or nil,
    region = options.region or self.region_given,
  }, function()
    local sts = require "awl.credentials.sts"
    local credentials = configured("NoCredentials", sts.role, sts.client(self), arguments, code)
    credentials.final = role.mfa_serial and type(role.mfa_code) ~= "function"
    return credentials
  end)
  return session
end

local function boolean_setting(session, key, ...)
  local value = env(...) or config.profile(session.profile)[key]
  if type(value) ~= "string" then return nil end
  return value:lower() == "true"
end

--- The endpoint that somebody set for a service, most specific first.
local function configured_endpoint(session, service_id)
  if boolean_setting(session, "ignore_configured_endpoint_urls",
                     "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") then
    return nil
  end
  local name = service_id:gsub("[%s%-]", "_")
  local value = env("AWS_ENDPOINT_URL_" .. name:upper(), "AWS_ENDPOINT_URL")
  if value then return value end
  local profile = config.profile(session.profile)
  local services = profile.services and config.load().services[profile.services]
  local block = services and services[name:lower()]
  return type(block) == "table" and block.endpoint_url or profile.endpoint_url
end

local function s3_setting(session, key)
  local block = config.profile(session.profile).s3
  return type(block) == "table" and block[key] or nil
end

local CLIENT_OPTIONS = {
  region = true, profile = true, session = true, endpoint_url = true, credentials = true,
  api_version = true,
  ca_bundle = true, verify_ssl = true, sign = true, use_fips_endpoint = true,
  use_dualstack_endpoint = true, addressing_style = true, use_accelerate_endpoint = true,
  max_attempts = true, retries = true, connect_timeout = true, read_timeout = true,
  s3_disable_express_session_auth = true, use_arn_region = true, disable_multiregion_access_points = true,
  s3_us_east_1_regional_endpoint = true, sts_regional_endpoints = true,
  account_id_endpoint_mode = true, disable_host_prefix_injection = true,
  ignore_configured_endpoint_urls = true, endpoint_discovery_enabled = true,
  token = true, auth_scheme_preference = true, sigv4a_signing_region_set = true,
  request_checksum_calculation = true, response_checksum_validation = true,
  disable_request_compression = true, request_min_compression_size_bytes = true,
}

local function first(...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if value ~= nil then return value end
  end
  return nil
end

local function text_setting(session, key)
  local value = env("AWS_" .. key:upper()) or config.profile(session.profile)[key]
  return type(value) == "string" and value:lower() or nil
end

--- Settings that only endpoint rules read.
local function add_endpoint_options(options, session, given)
  local function boolean(option, key)
    options[option] = first(given[option], boolean_setting(session, key, "AWS_" .. key:upper()))
  end
  boolean("use_arn_region", "s3_use_arn_region")
  boolean("disable_multiregion_access_points", "s3_disable_multiregion_access_points")
  boolean("s3_disable_express_session_auth", "s3_disable_express_session_auth")
  boolean("disable_host_prefix_injection", "disable_host_prefix_injection")
  for _, key in ipairs { "s3_us_east_1_regional_endpoint", "sts_regional_endpoints",
                         "account_id_endpoint_mode" } do
    options[key] = first(given[key], text_setting(session, key))
  end
  local discovery = first(given.endpoint_discovery_enabled,
    text_setting(session, "endpoint_discovery_enabled"))
  options.endpoint_discovery_enabled = discovery ~= nil and tostring(discovery) or nil
  -- What the configuration says about AWS's endpoints does not touch one of the user's
  -- own; asked for together they contradict each other, and the rules say so.
  if options.endpoint_url then
    options.use_fips_endpoint = given.use_fips_endpoint
    options.use_dualstack_endpoint = given.use_dualstack_endpoint
  else
    boolean("use_fips_endpoint", "use_fips_endpoint")
    boolean("use_dualstack_endpoint", "use_dualstack_endpoint")
  end
  return options
end

--- Checksums and compression of bodies.
local function add_body_options(options, session, given)
  for _, key in ipairs { "request_checksum_calculation", "response_checksum_validation" } do
    local value = given[key]
    options[key] = type(value) == "string" and value:lower()
      or first(value, text_setting(session, key))
  end
  options.disable_request_compression = first(given.disable_request_compression,
    boolean_setting(session, "disable_request_compression", "AWS_DISABLE_REQUEST_COMPRESSION"))
  local key = "request_min_compression_size_bytes"
  local value = first(given[key], text_setting(session, key))
  options[key] = math.tointeger(tonumber(value))
  if value and not options[key] then
    error(("%s must be a whole number, not '%s'"):format(key, value), 0)
  end
end

--- What the C side wants to know, every default filled in.
local function resolve_options(session, service, given)
  local profile = config.profile(session.profile)
  local versions = type(profile.api_versions) == "table" and profile.api_versions or {}
  local api_version = first(given.api_version, versions[service])
  local service_id, name, signing_name = core.service_id(service, api_version)
  local endpoint_url = first(given.endpoint_url, settings.endpoint_url)
  if not endpoint_url and not given.ignore_configured_endpoint_urls then
    endpoint_url = configured_endpoint(session, service_id)
  end
  if endpoint_url and not endpoint_url:find "^https?://[^/]" then
    error(("endpoint URL '%s' must begin with http:// or https:// and a host")
      :format(endpoint_url), 0)
  end
  local options = add_endpoint_options({
    service = name,
    api_version = api_version,
    given = given,
    session = session,
    region = first(given.region, session.region),
    profile = session.profile_given and session.profile or nil,
    endpoint_url = endpoint_url,
    credentials = session.credentials,
    ca_bundle = first(given.ca_bundle, settings.ca_bundle,
      env("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"), profile.ca_bundle),
    verify_ssl = first(given.verify_ssl, not settings.no_verify_ssl),
    sign = first(given.sign, not settings.no_sign_request),
    addressing_style = first(given.addressing_style, s3_setting(session, "addressing_style")),
    use_accelerate_endpoint = first(given.use_accelerate_endpoint,
      s3_setting(session, "use_accelerate_endpoint") == "true" or nil),
    connect_timeout = first(given.connect_timeout, settings.connect_timeout),
    read_timeout = first(given.read_timeout, settings.read_timeout),
  }, session, given)
  add_body_options(options, session, given)
  add_auth_options(options, session, given, signing_name)
  add_retry_options(options, session, given)
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
