--- The role of an EC2 instance, from its metadata service.
---
--- The service's newer API, which knows account ids, is asked first, the older one where
--- there is no such thing; which of them answered, and for which profile, is remembered.
--- When the service has nothing newer than what ends soon, or does not answer any more,
--- the old keys are used on: an outage of it is no reason to stop.
local errors = require "awl.core.error"
local json_keys = require "awl.credentials.json_keys"
local log = require "awl.log"
local metadata_service = require "awl.credentials.metadata_service"
local time = require "awl.time"

local APIS = {
  "/latest/meta-data/iam/security-credentials-extended/",
  "/latest/meta-data/iam/security-credentials/",
}
local EXTENSION, JITTER_MIN, JITTER_MAX = 15 * 60, 120, 600 -- seconds

---@type awl.CredentialProvider
local imds = { waits = true, features = "0" }

--- What is known of a service: the API it has, the profile it named, its last keys.
local function state_of(service, name)
  local state = service.profiles[name or ""] or {}
  service.profiles[name or ""] = state
  return state
end

--- The first line, if it may be a name of IAM's: it becomes part of a URL, and of errors.
local function name_in(body)
  local name = body:match "^%s*([^%s]*)"
  return name:find "^[%w+=,.@_-]+$" and name or nil
end

--- The answer of an API; nil, and the status, if it is of no use.
local function ask(service, path)
  local answer = service:get(path)
  if answer.status == 200 then return answer.body end
  return nil, answer.status
end

--- The keys under that name, in the API that is known or in the first that has it.
local function keys_of(service, state, name)
  local status
  for i = state.api or 1, state.api or #APIS do
    local body
    body, status = ask(service, APIS[i] .. name)
    if body then
      state.api = i
      return body
    end
  end
  return nil, status
end

--- The name of the instance's profile.
local function name_of(service, state)
  local status
  for i = state.api or 1, state.api or #APIS do
    local body
    body, status = ask(service, APIS[i])
    local name = body and name_in(body)
    if name then
      state.api, state.name = i, name
      return name
    end
  end
  return nil, status ~= 200 and status or nil
end

--- The name may have changed since it was asked for.
local function keys_of_unnamed(service, state)
  local body, status
  if state.name then
    body, status = keys_of(service, state, state.name)
    if body or status ~= 404 then return body, status end
    state.name = nil
  end
  local name
  name, status = name_of(service, state)
  if not name then return nil, status end
  return keys_of(service, state, name)
end

local function credentials_of(body)
  local value = json_keys.object(body)
  if not value then return nil, "the metadata service's answer is no JSON object" end
  local found, missing = json_keys.credentials(value, "Token")
  if not found then
    local reason = json_keys.reason(value)
    return nil, reason and "the metadata service says " .. reason
      or ("the metadata service's answer has no valid %s"):format(missing)
  end
  if not found.session_token or not found.expiration then
    return nil, "the metadata service's answer has no Token or no Expiration"
  end
  return found
end

--- Keys that end soon are given more time, so that they are not asked for all the time.
local function extend(found)
  local more = EXTENSION + math.random(JITTER_MIN, JITTER_MAX)
  if time.now() < found.expiration - more then return found end
  local extended = {}
  for key, value in pairs(found) do extended[key] = value end
  extended.expiration = time.now() + more
  log.info("the metadata service has no newer credentials: these are used on",
    { seconds = more })
  return extended
end

local function fetch(service, name)
  local state = state_of(service, name)
  local body, status
  if name then
    body, status = keys_of(service, state, name)
    if status == 404 then
      error(("the instance has no profile '%s'"):format(name), 0)
    end
  else
    body, status = keys_of_unnamed(service, state)
  end
  if not body then
    return nil, status == 404 and "the instance has no role"
      or status and ("the metadata service answers with status %d"):format(status)
      or "the metadata service names no role"
  end
  local found, reason = credentials_of(body)
  if found then state.last = found end
  return found, reason
end

function imds.find(context)
  local service, reason = metadata_service.of(context)
  if not service then return nil, reason end
  local name = metadata_service.profile_name(context)
  local ok, found, why = pcall(fetch, service, name)
  if ok and found then return extend(found) end
  if not ok and errors.is_canceled(found) then error(found, 0) end
  local problem = ok and why or type(found) == "table" and found.message or found
  local last = state_of(service, name).last
  if last then
    log.warn("no new credentials from the metadata service", { reason = problem })
    return extend(last)
  end
  if not ok and name then error(found, 0) end
  return nil, problem
end

return imds
