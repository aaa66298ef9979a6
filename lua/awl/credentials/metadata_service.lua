--- The metadata service of an EC2 instance (IMDS): requests with a session token, and
--- without one where the service knows none.
local http = require "awl.core.http"
local masked_url = require "awl.masked_url"
local task = require "awl.core.task"
local time = require "awl.time"

local IPV4, IPV6 = "http://169.254.169.254", "http://[fd00:ec2::254]"
local TOKEN_SECONDS = 21600
local TIMEOUT = 1
local TIMES_IN_ALL = 5 -- the timeout, for an answer that comes in drops
local ATTEMPTS = 3 -- while it answers, but not well; one if it does not answer at all
local PAUSE = 0.1
local MAX_BODY = 1 << 20

---@class awl.MetadataService
---@field url string
---@field profiles table<string, table> what imds.lua knows of each
---@field private timeout number
---@field private attempts integer?
---@field private v1_disabled boolean
---@field private token string?
---@field private token_ends number
local MetadataService = {}
MetadataService.__index = MetadataService

local services = {} -- by URL: all sessions share a token

--- A setting of the session, else of the environment, else of the profile.
local function setting(context, key)
  local given = context.session.metadata and context.session.metadata[key]
  if given ~= nil then return given end
  local value = os.getenv("AWS_" .. key:upper())
  if value and value ~= "" then return value end
  value = context.settings[key]
  return value ~= "" and value or nil
end

local function is_true(value) return value ~= nil and tostring(value):lower() == "true" end

local function number(context, key)
  local value = setting(context, key)
  local found = tonumber(value)
  if value and not (found and found > 0) then
    error(("%s must be a number above 0, not '%s'"):format(key, value), 0)
  end
  return found
end

--- The name of the instance profile, where it is set.
function MetadataService.profile_name(context) return setting(context, "ec2_instance_profile_name") end

local function url_of(context)
  local url = setting(context, "ec2_metadata_service_endpoint")
  local mode = tostring(setting(context, "ec2_metadata_service_endpoint_mode") or "")
  if url then
    if not url:find "^https?://[^/%s%c][^%s%c]*$" then
      error(("ec2_metadata_service_endpoint '%s' must begin with http:// or https:// and a host")
        :format(masked_url(url)), 0)
    end
    return (url:gsub("/+$", ""))
  end
  if mode:lower() == "ipv6" then return IPV6 end
  if mode ~= "" and mode:lower() ~= "ipv4" then
    error(("ec2_metadata_service_endpoint_mode '%s' is neither IPv4 nor IPv6"):format(mode), 0)
  end
  return mode == "" and is_true(setting(context, "imds_use_ipv6")) and IPV6 or IPV4
end

--- nil if it is switched off.
---@param context awl.CredentialContext
---@return awl.MetadataService?
---@return string? reason
function MetadataService.of(context)
  if is_true(os.getenv "AWS_EC2_METADATA_DISABLED") then
    return nil, "AWS_EC2_METADATA_DISABLED is set"
  end
  local url = url_of(context)
  local service = services[url] or setmetatable(
    { url = url, token_ends = 0, profiles = {} }, MetadataService)
  services[url] = service
  service.timeout = number(context, "metadata_service_timeout") or TIMEOUT
  service.attempts = number(context, "metadata_service_num_attempts")
  service.v1_disabled = is_true(setting(context, "ec2_metadata_v1_disabled"))
  return service
end

--- Sends until there is an answer that another try would not change. Raises if there is
--- no answer at all.
---@private
function MetadataService:send(method, path, headers)
  local attempt = 1
  while true do
    local ok, answer = pcall(http.request, {
      method = method, url = self.url .. path, headers = headers, direct = true,
      connect_timeout = self.timeout, read_timeout = self.timeout,
      timeout = self.timeout * TIMES_IN_ALL, repeatable = true,
      max_body = MAX_BODY,
    })
    local again = ok and (answer.status >= 500 or answer.status == 429)
    if not ok then
      if answer.kind == "canceled" or attempt >= (self.attempts or 1) then error(answer, 0) end
    elseif not again or attempt >= (self.attempts or ATTEMPTS) then
      return answer
    end
    task.sleep(math.random() * PAUSE * 2 ^ attempt)
    attempt = attempt + 1
  end
end

--- Whether no token came because the service does not know them: it says so, or the
--- answer to the first try gets lost on its way through a container's network.
local function knows_no_tokens(ok, answer)
  if ok then return answer.status == 404 or answer.status == 405 end
  return answer.kind == "timeout" and answer.code ~= "ConnectTimeout"
end

--- A token; nil where requests go without one. Raises if there can be no request.
---@private
function MetadataService:get_token()
  if self.token and time.now() < self.token_ends then return self.token end
  local ok, answer = pcall(self.send, self, "PUT", "/latest/api/token",
    { ["x-aws-ec2-metadata-token-ttl-seconds"] = tostring(TOKEN_SECONDS) })
  if ok and answer.status == 200 and answer.body ~= "" then
    local seconds = tonumber(answer.headers["x-aws-ec2-metadata-token-ttl-seconds"])
    self.token = answer.body
    self.token_ends = time.now() + (seconds or TOKEN_SECONDS) * 0.9
    return self.token
  end
  if knows_no_tokens(ok, answer) then
    if not self.v1_disabled then return nil end
    error("the metadata service gives no token, and ec2_metadata_v1_disabled is set", 0)
  end
  if not ok then error(answer, 0) end
  error(("the metadata service refuses a token: status %d%s"):format(answer.status,
    answer.status == 403 and "; it is switched off" or ""), 0)
end

--- GET; a token that is not valid any more is replaced once.
---@param path string
---@return { status: integer, headers: table, body: string }
function MetadataService:get(path)
  local token = self:get_token()
  local answer = self:send("GET", path, { ["x-aws-ec2-metadata-token"] = token })
  if answer.status ~= 401 or not token then return answer end
  self.token = nil
  return self:send("GET", path, { ["x-aws-ec2-metadata-token"] = self:get_token() })
end

return MetadataService
