-- A server for botocore_answers.py: answers with the outputs it is sent, as the service
-- would. Argument: the service. A request's body is JSON, { operation, output }; the answer is
-- the service's, or one of status 599 that says in its body why there is none.
local awl = require "awl"
local core = require "awl.core.server"
local decoded = dofile((arg[0]:match("^(.*/)") or "") .. "bytes_decoded.lua")

local service = ...
local wire = core.wire(service)
local server = core.listen { port = 0 }

io.write(server:port(), "\n")
io.flush()
while true do
  local exchange <close> = server:accept()
  if exchange == nil or exchange.path == "/end" then
    exchange:respond { status = 200 }
    break
  end
  local job = awl.json.decode(exchange.body)
  local ok, err = pcall(wire.respond_output, wire, exchange, job.operation,
    decoded(job.output), "request-id")
  if not ok then exchange:respond { status = 599, body = tostring(err) } end
end
server:close()
