--- Where a service wants its calls to go, as it says itself: DescribeEndpoints, asked once
--- for all who wait and remembered for as long as the service allows.
---
--- The detour of operations with endpoint discovery; see runtime/call/detour.h.
local core = require "awl.core.client"
local errors = require "awl.core.error"
local log = require "awl.log"
local task = require "awl.core.task"
local time = require "awl.time"

local PAUSE = 60 -- seconds between attempts to discover, after one that failed

---@class awl.DiscoveredEndpoint
---@field url string
---@field expires number
---@field rejected boolean? by the service

--- What is known of the endpoints of one service in one region, for one set of credentials.
---@class awl.EndpointDiscovery
---@field known awl.DiscoveredEndpoint?
---@field running userdata? the task that is asking
---@field failure any what asking has last raised, while there is no newer endpoint
---@field ask_again number

-- By the slot of credentials, then by where the client's calls go.
local discoveries = setmetatable({}, { __mode = "k" })

local function discovery_of(client)
  local options = core.options(client)
  local of_slot = discoveries[options.credentials]
  if not of_slot then
    of_slot = {}
    discoveries[options.credentials] = of_slot
  end
  local key = table.concat({
    options.service, options.region or "", tostring(options.use_fips_endpoint),
    tostring(options.use_dualstack_endpoint),
  }, " ")
  of_slot[key] = of_slot[key] or { ask_again = 0 }
  return of_slot[key]
end

--- One more call of the service.
---@return awl.DiscoveredEndpoint
local function look_up(client)
  local first = (client:call("DescribeEndpoints", {}).Endpoints or {})[1] or {}
  if not first.Address then
    error(errors.new { kind = "config", code = "EndpointDiscoveryFailed",
                       service = core.options(client).service, operation = "DescribeEndpoints",
                       message = "the service names no endpoint" }, 0)
  end
  local url = first.Address
  if not url:find "^https?://" then url = "https://" .. url end
  if not url:find "^https?://[^/]" then
    error(("the service names '%s' as its endpoint"):format(first.Address), 0)
  end
  return { url = url, expires = time.now() + (first.CachePeriodInMinutes or 1) * 60 }
end

local function ask(discovery, client)
  local ok, result = pcall(look_up, client)
  if ok then
    discovery.known, discovery.failure = result, nil
  elseif not errors.is_canceled(result) then
    discovery.failure, discovery.ask_again = result, time.now() + PAUSE
    log.debug("endpoint discovery failed", { error = tostring(result) })
  end
  discovery.running = nil
end

--- Goes on when one of those who wait is canceled.
local function await_answer(discovery, client)
  discovery.running = discovery.running or task.spawn(ask, discovery, client)
  discovery.running:await()
end

local function is_fresh(endpoint)
  return endpoint and not endpoint.rejected and time.now() < endpoint.expires
end

--- The endpoint for a call; nil: the one that the rules give will do.
---@param client awl.Client
---@param required boolean
---@return awl.DiscoveredEndpoint?
return function(client, _, _, required)
  local discovery = discovery_of(client)
  if is_fresh(discovery.known) then return discovery.known end
  if discovery.known and discovery.known.rejected then discovery.known = nil end
  local needed = required and not discovery.known
  if needed or time.now() >= discovery.ask_again then await_answer(discovery, client) end
  if required and not discovery.known then error(discovery.failure, 0) end
  return discovery.known
end
