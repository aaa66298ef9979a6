-- Prepares the inputs that validation.py makes. Argument: the service. Input: a line of JSON
-- an input, { operation, input }; output: a line each, { ok } or { kind, message }.
local awl = require "awl"
local decoded = dofile((arg[0]:match("^(.*/)") or "") .. "bytes_decoded.lua")

local client = awl.client(..., {
  region = "us-east-1",
  credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "secret" },
})

for line in io.lines() do
  local job = awl.json.decode(line)
  local ok, err = pcall(client.prepare, client, job.operation, decoded(job.input))
  local answer = { ok = ok }
  if not ok then
    answer.kind = type(err) == "table" and err.kind or "bug"
    answer.message = tostring(err)
  end
  io.write(awl.json.encode(answer), "\n")
end
