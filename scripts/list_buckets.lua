#!/usr/bin/env awl
-- Makes the same call twenty times, one after the other and then all at once, and tells
-- how long each way took: gathered calls take as long as the slowest of them.
--
-- IAM actions: s3:ListAllMyBuckets.
local awl = require "awl"

local parser = awl.args("list_buckets.lua",
  "Lists the buckets many times, serially and gathered, and compares the times.")
parser:option("--count", "how many calls", "20"):argname "N":convert(math.tointeger)
local options = parser:parse()

local s3 = awl.client "s3"

local function list_buckets()
  local started = awl.time.monotonic()
  local buckets = s3:list_buckets().Buckets or {}
  return { count = #buckets, seconds = awl.time.monotonic() - started }
end

local function slowest_of(calls)
  local seconds = 0
  for _, call in ipairs(calls) do seconds = math.max(seconds, call.seconds) end
  return seconds
end

local function measure(name, work)
  local started = awl.time.monotonic()
  local calls = work()
  print(("%-9s %2d calls in %7.1f ms, the slowest %.1f ms"):format(name, #calls,
    (awl.time.monotonic() - started) * 1000, slowest_of(calls) * 1000))
end

local first = list_buckets() -- resolves names, connects, gets credentials
print(("%d buckets"):format(first.count))

measure("serial:", function()
  local calls = {}
  for i = 1, options.count do calls[i] = list_buckets() end
  return calls
end)

measure("gathered:", function()
  local calls = {}
  for i = 1, options.count do calls[i] = list_buckets end
  return awl.gather(calls)
end)
