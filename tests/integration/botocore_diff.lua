-- Prepares the requests that botocore_diff.py asks for. Arguments: the service. Input: a line
-- of JSON a request, { operation, input, anonymous }; output: a line each,
-- { method, url, headers, body }, the body in base64, or { error }.
local awl = require "awl"
local core = require "awl.core.client"
local decoded = dofile((arg[0]:match("^(.*/)") or "") .. "bytes_decoded.lua")

local service = ...
local clients = {}

local function client_for(anonymous)
  local key = anonymous and "anonymous" or "signed"
  if not clients[key] then
    clients[key] = awl.client(service, {
      region = "us-east-1",
      credentials = not anonymous and {
        access_key_id = "AKIDEXAMPLE", secret_access_key = "secret",
      },
    })
  end
  return clients[key]
end

-- Endpoint discovery, which is not what was asked for, gets the answer that botocore gets.
local asked

core.set_gate(function(_, operation)
  if operation ~= "DescribeEndpoints" or asked == operation then return nil end
  return { Endpoints = {
    { Address = "discovered.us-east-1.amazonaws.com", CachePeriodInMinutes = 1440 },
  } }
end)

local function prepared(job)
  asked = job.operation
  local request = client_for(job.anonymous):prepare(job.operation, decoded(job.input))
  request.body = awl.base64.encode(request.body or "")
  return request
end

for line in io.lines() do
  local ok, result = pcall(function() return prepared(awl.json.decode(line)) end)
  if not ok then result = { error = tostring(result) } end
  io.write(awl.json.encode(result), "\n")
end
