-- What the first call to a service costs beyond the second: the client made, the model
-- and the endpoint's rules looked up, the connection. Another client has been made before,
-- so that libcurl and OpenSSL have started. Prints OP and milliseconds of CPU: the client
-- made, the first call, the second.
--
--     awl tests/bench/first_call.lua OP URL
local awl = require "awl"

local here = arg[0]:match "^(.*/)" or "./"
local op, url = arg[1], arg[2]
local spec = dofile(here .. "operations.lua")[op]

local function timed(fn)
  local start = os.clock()
  fn()
  return (os.clock() - start) * 1e3
end

awl.client("kms", { region = "us-east-1" })

local client
local made = timed(function()
  client = awl.client(spec.service, {
    region = "us-east-1", endpoint_url = url, addressing_style = "path", max_attempts = 1,
  })
end)

local function call()
  local output = client[spec.operation](client, spec.input)
  if spec.body then output[spec.body]:read() end
end

print(("%s %.3f %.3f %.3f"):format(op, made, timed(call), timed(call)))
