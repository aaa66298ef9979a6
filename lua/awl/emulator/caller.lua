--- Which service a request is for, and who sends it.
local uri = require "awl.emulator.uri"

---@class awl.emulator.Caller
---@field service string the signing name, or what stands for it
---@field region string
---@field is_express boolean? signed for S3's directory buckets
---@field access_key string? nil: the request is not signed

-- The service that an X-Amz-Target or a form's Version belongs to, where the request is
-- not signed and says nothing else.
local VERSIONS = { ["2011-06-15"] = "sts", ["2010-05-08"] = "iam", ["2016-11-15"] = "ec2" }

local PATHS = { { "^/20%d%d%-%d%d%-%d%d/functions", "lambda" } }

--- "AKID/20260101/us-east-1/s3/aws4_request"; SigV4A has no region there, but a set of
--- them beside it.
local function parse_scope(scope, region_set)
  local access_key, region, service =
    scope:match "^(.+)/%d%d%d%d%d%d%d%d/([^/]*)/([^/]*)/aws4_request$"
  if not access_key then
    access_key, service = scope:match "^(.+)/%d%d%d%d%d%d%d%d/([^/]*)/aws4_request$"
    region = (region_set or ""):match "^([%w%-]+)%f[,\0]" or "us-east-1"
  end
  local is_express = service == "s3express"
  return access_key and { access_key = access_key, region = region,
    service = is_express and "s3" or service, is_express = is_express }
end

local function signed(exchange, headers)
  local authorization = headers.authorization
  local scope = authorization and authorization:match "Credential=([^,%s]+)"
  local region_set = headers["x-amz-region-set"]
  if not scope and exchange.query:find("X-Amz-Credential=", 1, true) then
    local query = uri.pairs(exchange.query)
    scope, region_set = query["X-Amz-Credential"], query["X-Amz-Region-Set"]
  end
  return scope and parse_scope(scope, region_set)
end

local function unsigned_service(exchange, headers)
  local target = headers["x-amz-target"]
  if target then return (target:match "^[^_.]*"):lower() end
  local form = headers["content-type"] or ""
  if form:find("x-www-form-urlencoded", 1, true) then
    local version = uri.pairs(exchange.body).Version
    if VERSIONS[version] then return VERSIONS[version] end
  end
  for _, entry in ipairs(PATHS) do
    if exchange.path:find(entry[1]) then return entry[2] end
  end
  return "s3"
end

---@return awl.emulator.Caller
return function(exchange, headers)
  return signed(exchange, headers)
    or { service = unsigned_service(exchange, headers), region = "us-east-1" }
end
