--- The role of a container: ECS tasks, EKS pod identity, Greengrass.
local fs = require "awl.fs"
local http = require "awl.core.http"
local json_keys = require "awl.credentials.json_keys"
local task = require "awl.core.task"

local BASE = "http://169.254.170.2"
local ATTEMPTS, PAUSE, TIMEOUT = 3, 1, 2
local MAX_BODY = 1 << 20

-- Where a request without TLS may go: it stays on this machine.
local HOSTS = {
  ["169.254.170.2"] = true, ["169.254.170.23"] = true, ["[fd00:ec2::23]"] = true,
  ["localhost"] = true, ["[::1]"] = true,
}

---@type awl.CredentialProvider
local container = { waits = true, features = "z" }

local function env(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local function is_loopback(host)
  local a, b, c = host:match "^127%.(%d+)%.(%d+)%.(%d+)$"
  return a ~= nil and tonumber(a) < 256 and tonumber(b) < 256 and tonumber(c) < 256
end

--- Where the credentials are to be had; nil if nothing says so.
---@return string? url
function container.url()
  local relative, full = env "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    env "AWS_CONTAINER_CREDENTIALS_FULL_URI"
  if relative then
    if not relative:find "^/[^%s%c]*$" then
      error("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path that begins with /", 0)
    end
    return BASE .. relative
  end
  if not full then return nil end
  local scheme, authority = full:match "^(%a+)://([^/?#]+)"
  scheme = scheme and scheme:lower()
  if scheme ~= "http" and scheme ~= "https" or authority:find "@" or full:find "[%s%c]" then
    error("AWS_CONTAINER_CREDENTIALS_FULL_URI must begin with http:// or https:// and a host", 0)
  end
  local host = (authority:match "^%[[^%]]*%]" or authority:match "^[^:]*"):lower()
  if scheme == "http" and not HOSTS[host] and not is_loopback(host) then
    error(("AWS_CONTAINER_CREDENTIALS_FULL_URI: without https '%s' is not allowed, only this "
      .. "machine and the container services of AWS are"):format(host), 0)
  end
  return full
end

--- Read anew each time: the file changes.
local function authorization()
  local path = env "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
  local token = env "AWS_CONTAINER_AUTHORIZATION_TOKEN"
  if path then
    local ok, text = pcall(fs.read_file, path)
    if not ok then
      error("cannot read the container's token: " .. tostring(text.message or text), 0)
    end
    token = text
  end
  if token and token:find "[\r\n]" then
    error((path and "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" or "AWS_CONTAINER_AUTHORIZATION_TOKEN")
      .. ": the token has more than one line", 0)
  end
  return token
end

--- The credentials, or nil and the reason.
local function ask(url)
  local ok, answer = pcall(http.request, {
    url = url, direct = true, timeout = TIMEOUT, connect_timeout = TIMEOUT, max_body = MAX_BODY,
    headers = { Accept = "application/json", Authorization = authorization() },
  })
  if not ok then
    if answer.code == "Canceled" then error(answer, 0) end
    return nil, tostring(answer.message or answer)
  end
  local value = json_keys.object(answer.body)
  if answer.status ~= 200 then
    local reason = value and json_keys.reason(value)
    return nil, ("status %d%s"):format(answer.status, reason and " " .. reason or "")
  end
  if not value then return nil, "the answer is no JSON object" end
  local credentials, missing = json_keys.credentials(value, "Token")
  return credentials, missing and "the answer has no valid " .. missing
end

function container.find()
  local url = container.url()
  if not url then
    return nil, "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
      .. "AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
  end
  local credentials, reason
  for attempt = 1, ATTEMPTS do
    if attempt > 1 then task.sleep(PAUSE) end
    credentials, reason = ask(url)
    if credentials then return credentials end
  end
  -- The path alone is as good as a password.
  error(("no credentials from %s: %s"):format(url:match "^%a+://[^/?#]+", reason), 0)
end

return container
