--- The settings of clients that may stand outside of a script: where, and what they may be.
---
--- An option that the script gives wins, then the command line, the environment, the
--- profile. What is wrong is an error that names its place.
local config = require "awl.config"
local log = require "awl.log"
local settings = require "awl.core.settings"

---@class awl.ClientSetting
---@field name string the client's option
---@field kind "boolean"|"integer"|"list"|"path"|"region"|"seconds"|"text"|"word"
---@field env string[] variables, the first that is set counts; AWS_<KEY> by default
---@field keys (string|string[])[] in the profile, or in a block of it; the option's name by default
---@field words string[]? what a word may be
---@field min integer? of a number
---@field max integer?
---@field on_command_line boolean? it is an option of awl's too
---@field retries string? the field of the client's option `retries` that it is

local APP_ID_MAX = 50
local SCOPES = { "regional", "legacy" }
local CHECKSUMS = { "when_supported", "when_required" }

---@type table<string, awl.ClientSetting>
local known = {}

local function add(kind, name, more)
  local setting = more or {}
  setting.name, setting.kind = name, kind
  setting.keys = setting.keys or { name }
  setting.env = setting.env or { "AWS_" .. name:upper() }
  known[name] = setting
end

add("region", "region", { env = { "AWS_REGION", "AWS_DEFAULT_REGION" }, on_command_line = true })
add("path", "ca_bundle", { env = { "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE" }, on_command_line = true })
add("word", "retry_mode", { words = { "standard", "adaptive", "legacy" }, retries = "mode" })
add("integer", "max_attempts", { min = 1, max = 1000, on_command_line = true, retries = "max_attempts" })
add("word", "defaults_mode",
  { words = { "legacy", "standard", "in-region", "cross-region", "mobile", "auto" } })
add("seconds", "connect_timeout", { env = {}, keys = {}, on_command_line = true })
add("seconds", "read_timeout", { env = {}, keys = {}, on_command_line = true })
add("boolean", "tcp_keepalive", { env = { "BOTOCORE_TCP_KEEPALIVE" } })
add("text", "sdk_ua_app_id")
add("text", "user_agent_extra", { env = {}, keys = {} })
add("text", "protocol", { env = {}, keys = {} })
add("path", "client_cert", { env = {}, keys = {} })
add("path", "client_key", { env = {}, keys = {} })
add("integer", "max_connections", { env = {}, keys = {}, min = 1, max = 1000000 })
for name, kind in pairs { proxy_ca_bundle = "path", proxy_client_cert = "path",
                          proxy_use_forwarding_for_https = "boolean" } do
  add(kind, name, { env = {}, keys = { { "proxies_config", name }, name } })
end

add("boolean", "use_fips_endpoint")
add("boolean", "use_dualstack_endpoint")
add("boolean", "ignore_configured_endpoint_urls")
add("word", "endpoint_discovery_enabled", { words = { "auto", "true", "false" } })
add("word", "sts_regional_endpoints", { words = SCOPES })
add("word", "account_id_endpoint_mode", { words = { "preferred", "required", "disabled" } })
add("boolean", "disable_host_prefix_injection")

add("list", "auth_scheme_preference")
add("list", "sigv4a_signing_region_set")
add("boolean", "s3_disable_express_session_auth")

add("word", "request_checksum_calculation", { words = CHECKSUMS })
add("word", "response_checksum_validation", { words = CHECKSUMS })
add("boolean", "disable_request_compression")
add("integer", "request_min_compression_size_bytes", { min = 0, max = 10485760 })

add("word", "addressing_style",
  { env = {}, keys = { { "s3", "addressing_style" } }, words = { "auto", "path", "virtual" } })
add("boolean", "use_accelerate_endpoint", { env = {}, keys = { { "s3", "use_accelerate_endpoint" } } })
add("boolean", "payload_signing_enabled", { env = {}, keys = { { "s3", "payload_signing_enabled" } } })
add("boolean", "use_arn_region",
  { env = { "AWS_S3_USE_ARN_REGION" }, keys = { "s3_use_arn_region", { "s3", "use_arn_region" } } })
add("word", "s3_us_east_1_regional_endpoint", { words = SCOPES,
  keys = { "s3_us_east_1_regional_endpoint", { "s3", "us_east_1_regional_endpoint" } } })
add("boolean", "disable_multiregion_access_points", {
  env = { "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS" },
  keys = { { "s3", "s3_disable_multiregion_access_points" }, "s3_disable_multiregion_access_points" },
})

local client_settings = { known = known }

-- ---- where a value stands ----

local function in_environment(setting)
  for _, name in ipairs(setting.env) do
    local value = os.getenv(name)
    if value and value ~= "" then return value, name end
  end
  return nil
end

local function in_profile(setting, name)
  local profile = config.profile(name)
  for _, key in ipairs(setting.keys) do
    local value
    if type(key) == "table" then
      local block = profile[key[1]]
      value = type(block) == "table" and block[key[2]]
      key = key[1] .. "." .. key[2]
    else
      value = profile[key]
    end
    if value and value ~= "" then return value, ("%s in profile '%s'"):format(key, name) end
  end
  return nil
end

-- ---- what it may be ----

local function wrong(source, value, wanted)
  error(("%s must be %s, not '%s'"):format(source, wanted, tostring(value)), 0)
end

local check = {}

--- Outside of scripts only the word "true" is true.
function check.boolean(_, value, source, in_script)
  if in_script and type(value) ~= "boolean" then wrong(source, value, "true or false") end
  return value == true or type(value) == "string" and value:lower() == "true"
end

function check.word(setting, value, source)
  local word = tostring(value):lower()
  for _, allowed in ipairs(setting.words) do
    if word == allowed then return word end
  end
  wrong(source, value, "one of " .. table.concat(setting.words, ", "))
end

function check.integer(setting, value, source)
  local number = math.tointeger(tonumber(value))
  if not number or number < setting.min or number > setting.max then
    wrong(source, value, ("a whole number from %d to %d"):format(setting.min, setting.max))
  end
  return number
end

function check.seconds(_, value, source)
  local number = tonumber(value)
  if not number or number <= 0 or number > 1e6 then
    wrong(source, value, "a positive number of seconds")
  end
  return number
end

function check.text(_, value, source)
  if type(value) ~= "string" then wrong(source, value, "a text") end
  return value
end

--- It becomes part of a host's name.
function check.region(_, value, source)
  local good = type(value) == "string" and #value <= 63 and value:find "^[%w-]+$"
    and not value:find "^%d+$" and not value:find "^%-" and not value:find "%-$"
  return good and value or wrong(source, value, "a region's name")
end

function check.path(_, value, source, in_script)
  if type(value) ~= "string" then wrong(source, value, "a path") end
  return in_script and value or config.expand(value)
end

--- Names with commas between them.
function check.list(_, value, source)
  if type(value) == "table" then value = table.concat(value, ",") end
  if type(value) ~= "string" then wrong(source, value, "a string or a list") end
  return (value:gsub("%s+", ""))
end

--- The value that counts and, for people, where it stands; nil if nobody says anything.
---@param name string
---@param profile string
---@param given any what the script says
---@return any value
---@return string? source
function client_settings.get(name, profile, given)
  local setting = known[name]
  if given ~= nil then
    local source = ("client option '%s'"):format(name)
    return check[setting.kind](setting, given, source, true), source
  end
  local value, source
  if setting.on_command_line and settings[name] ~= nil then
    value, source = settings[name], "--" .. name:gsub("_", "-")
  end
  if value == nil then value, source = in_environment(setting) end
  if value == nil then value, source = in_profile(setting, profile) end
  if value == nil then return nil end
  return check[setting.kind](setting, value, source), source
end

-- Seconds for a connection, by defaults mode; its other settings are awl's own defaults.
local CONNECT_TIMEOUT = {
  standard = 3.1, ["in-region"] = 1.1, ["cross-region"] = 3.1, mobile = 30,
}

--- "auto" is known where AWS runs the program, and says where; else it is "standard".
local function defaults_mode(mode, region)
  if mode ~= "auto" then return mode end
  local here = os.getenv "AWS_EXECUTION_ENV"
    and (os.getenv "AWS_REGION" or os.getenv "AWS_DEFAULT_REGION")
  if not here or not region then return "standard" end
  return here == region and "in-region" or "cross-region"
end

local told_of_long_id = false

--- The service keeps 50 characters of it.
local function warn_of_long_id(id)
  if not id or #id <= APP_ID_MAX or told_of_long_id then return end
  told_of_long_id = true
  log.warn("sdk_ua_app_id has more than 50 characters", { length = #id })
end

--- The fields of `retries` that the script gives.
local function retries_of(given)
  local retries = given.retries or {}
  if type(retries) ~= "table" then
    error("client option 'retries' must be a table, got " .. type(retries), 0)
  end
  for name in pairs(retries) do
    if name ~= "mode" and name ~= "max_attempts" then
      error(("unknown field '%s' of 'retries'; there are max_attempts and mode")
        :format(tostring(name)), 0)
    end
  end
  return retries
end

--- "fips-eu-west-1" and "eu-west-1-fips" were names of regions once.
local function without_fips(region, use_fips)
  local real = region and (region:match "^fips%-(.+)$" or region:match "^(.+)%-fips$")
  if not real then return region, use_fips end
  log.warn("the region's name asks for FIPS endpoints; use_fips_endpoint does that",
    { region = region, taken_as = real })
  return real, true
end

--- S3 has a switch of its own for dual-stack hosts.
local function s3_dual_stack(profile)
  local block = config.profile(profile).s3
  local value = type(block) == "table" and block.use_dualstack_endpoint
  if not value then return nil end
  return value:lower() == "true"
end

--- The options of a client of `service`, those of the script first.
---@param session awl.Session
---@param given table
---@param service string
---@return table
function client_settings.resolve(session, given, service)
  local options, profile = {}, session.profile
  local retries = retries_of(given)
  for name, setting in pairs(known) do
    local value = given[name]
    if value == nil and setting.retries then value = retries[setting.retries] end
    if value == nil and name == "region" then value = session.region end
    options[name] = client_settings.get(name, profile, value)
  end
  warn_of_long_id(options.sdk_ua_app_id)
  options.retry_revision = (os.getenv "AWS_NEW_RETRIES_2026" or ""):lower() == "true"
  options.region, options.use_fips_endpoint = without_fips(options.region, options.use_fips_endpoint)
  options.connect_timeout = options.connect_timeout
    or CONNECT_TIMEOUT[defaults_mode(options.defaults_mode, options.region)]
  if given.use_dualstack_endpoint == nil and (service == "s3" or service == "s3control") then
    local own = s3_dual_stack(profile)
    if own ~= nil then options.use_dualstack_endpoint = own end
  end
  return options
end

return client_settings
