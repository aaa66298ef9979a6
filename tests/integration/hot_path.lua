-- awl hot_path.lua OPERATION N: N calls, one after the other; prints how many bytes of
-- memory Lua took for one of the last hundred.
local awl = require "awl"

local calls = {
  sts = function()
    local sts = awl.client "sts"
    local input = {}
    return function() sts:get_caller_identity(input) end
  end,
  lambda = function()
    local lambda = awl.client "lambda"
    local input = { FunctionName = "f", Payload = '{"k":1}' }
    return function() lambda:invoke(input) end
  end,
}
local call = calls[arg[1]]()

for _ = 1, arg[2] - 100 do call() end
collectgarbage "stop"
local before = collectgarbage "count"
for _ = 1, 100 do call() end
print(math.floor((collectgarbage "count" - before) * 1024 / 100))
