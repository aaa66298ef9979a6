-- Prepares the inputs that validation.py makes. Argument: the service. Input: a line of JSON
-- an input, { operation, input }; output: a line each, { ok } or { kind, message }.
local awl = require "awl"

local client = awl.client(..., {
  region = "us-east-1",
  credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "secret" },
})

-- Bytes come as { ["$bytes"] = base64 }, since JSON has none.
local function decoded(value)
  if type(value) ~= "table" then return value end
  if value["$bytes"] then return awl.base64.decode(value["$bytes"]) end
  for key, member in pairs(value) do
    value[key] = decoded(member)
  end
  return value
end

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
