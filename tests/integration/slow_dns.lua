-- Calls by name while names take long to look up; slow_dns.sh runs it.
--
--     awl run slow_dns.lua burst|impatient|steady|once_more URL
local awl = require "awl"

local what, url = arg[1], arg[2]
local KEY = { TableName = "t", Key = { id = { S = "1" } } }

local function client(options)
  options.endpoint_url = url
  return awl.client("dynamodb", options)
end

if what == "burst" then
  local dynamodb = client {}
  local items = {}
  for i = 1, 200 do items[i] = i end
  local run = awl.map(items, function() dynamodb:get_item(KEY) end, { concurrency = 200 })
  print(run.succeeded)
elseif what == "impatient" then
  local other = awl.spawn(function() awl.sleep(0.2) return os.time() end)
  local dynamodb = client { connect_timeout = 0.1, max_attempts = 1 }
  local started = os.time()
  local ok, err = pcall(dynamodb.get_item, dynamodb, KEY)
  print(not ok and err.code, os.time() - started <= 2, other:await() - started <= 2)
elseif what == "once_more" then
  -- The second call comes when the name is to be looked up again, in the background. A
  -- wait's end does not come sooner with the fast clock: it is to be short.
  local dynamodb = client { read_timeout = 100000, connect_timeout = 100000 }
  awl.spawn(function() while true do awl.sleep(0.05) end end)
  dynamodb:get_item(KEY)
  local stop = awl.time.now() + 0.2
  while awl.time.now() < stop do awl.sleep(0.01) end
  dynamodb:get_item(KEY)
  print "ended"
  os.exit(7)
else
  -- Bursts all the time, and with the fast clock for minutes.
  local dynamodb = client { read_timeout = 100000, connect_timeout = 100000 }
  local stop = awl.time.now() + 3
  local calls = 0
  local run = awl.map(function() calls = calls + 1 return awl.time.now() < stop and calls or nil end,
    function() dynamodb:get_item(KEY) end, { concurrency = 100 })
  print(#run.failed, run.succeeded > 200, run.failed[1] and run.failed[1].error)
end
