--- s3:presign_post(input): what a form needs to upload an object without keys: a URL, and
--- fields with a signed policy that says what may be uploaded.
---
--- https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
local base64 = require "awl.base64"
local core = require "awl.core.client"
local errors = require "awl.core.error"
local json = require "awl.json"
local time = require "awl.time"

local MEMBERS = {
  Bucket = "string", Key = "string", Fields = "table", Conditions = "table",
  expires_in = "number",
}
local WEEK = 604800
local FILENAME = "${filename}"

local function refuse(message, ...)
  error(errors.new { kind = "input", code = "InvalidInput", message = message:format(...),
                     service = "s3" }, 0)
end

local function check(input)
  if type(input) ~= "table" then refuse("presign_post takes a table, got %s", type(input)) end
  for name, value in pairs(input) do
    if not MEMBERS[name] then
      refuse("unknown member '%s' of presign_post; there are Bucket, Key, Fields, Conditions "
        .. "and expires_in", tostring(name))
    elseif type(value) ~= MEMBERS[name] then
      refuse("presign_post: %s: expected %s, got %s", name, MEMBERS[name], type(value))
    end
  end
  for _, name in ipairs { "Bucket", "Key" } do
    if not input[name] then refuse("presign_post: %s: required but missing", name) end
  end
  local seconds = input.expires_in or 3600
  if not math.tointeger(seconds) or seconds < 1 or seconds > WEEK then
    refuse("expires_in must be between 1 and %d seconds", WEEK)
  end
  for name, value in pairs(input.Fields or {}) do
    if type(name) ~= "string" or type(value) ~= "string" then
      refuse("presign_post: Fields.%s: expected string, got %s", tostring(name), type(value))
    end
  end
  for i, condition in ipairs(input.Conditions or {}) do
    if type(condition) ~= "table" then
      refuse("presign_post: Conditions[%d]: expected table, got %s", i, type(condition))
    end
  end
end

local function header(headers, wanted)
  for name, value in pairs(headers) do
    if name:lower() == wanted then return value end
  end
  return nil
end

--- How the client signs for the bucket: where, when, and with what.
local function signature_for(client, bucket)
  -- The same endpoint and scheme as any call about the bucket.
  local request = client:prepare("head_bucket", { Bucket = bucket })
  local credential = (header(request.headers or {}, "authorization") or "")
    :match "^AWS4%-HMAC%-SHA256 Credential=([^,]+)"
  local region, name = (credential or ""):match "/(%d+/[^/]+)/([^/]+)/aws4_request$"
  if name ~= "s3" then
    refuse("a presigned POST to %s is not possible: it takes credentials and a bucket that is "
      .. "signed for with SigV4", bucket)
  end
  local date = header(request.headers, "x-amz-date")
  return {
    url = request.url, credential = credential, date = date,
    time = time.parse((date:gsub("^(....)(..)(..)T(..)(..)(..)Z$", "%1-%2-%3T%4:%5:%6Z"))),
    region = region:match "/(.+)", name = name,
    token = header(request.headers, "x-amz-security-token"),
  }
end

--- The conditions of the caller, then those that the object and the signature make.
local function conditions_of(input, fields, signed)
  local conditions = table.move(input.Conditions or {}, 1, #(input.Conditions or {}), 1, {})
  local function require_field(name, value)
    fields[name] = value
    conditions[#conditions + 1] = { [name] = value }
  end
  conditions[#conditions + 1] = { bucket = input.Bucket }
  if input.Key:sub(-#FILENAME) == FILENAME then
    fields.key = input.Key
    conditions[#conditions + 1] = { "starts-with", "$key", input.Key:sub(1, -#FILENAME - 1) }
  else
    require_field("key", input.Key)
  end
  require_field("x-amz-algorithm", "AWS4-HMAC-SHA256")
  require_field("x-amz-credential", signed.credential)
  require_field("x-amz-date", signed.date)
  if signed.token then require_field("x-amz-security-token", signed.token) end
  return conditions
end

---@param client awl.Client
---@param input table
---@return { url: string, fields: table<string, string> }
return function(client, input, ...)
  if select("#", ...) > 0 then
    refuse "presign_post takes one table, expires_in stands in it too"
  end
  check(input)
  local signed = signature_for(client, input.Bucket)
  local fields = {}
  for name, value in pairs(input.Fields or {}) do fields[name] = value end
  local conditions = conditions_of(input, fields, signed)
  fields.policy = base64.encode(json.encode {
    expiration = time.iso(signed.time + (input.expires_in or 3600)),
    conditions = conditions,
  })
  fields["x-amz-signature"] = core.sign_policy(client, fields.policy, signed.time,
    signed.region, signed.name)
  return { url = signed.url, fields = fields }
end
