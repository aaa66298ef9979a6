-- Presigns what presign.py asks for. Input: a line of JSON a request; output: a line each,
-- { url, headers } or { url, fields }.
local awl = require "awl"

for line in io.lines() do
  local job = awl.json.decode(line)
  local client = awl.client(job.service, {
    region = job.region, credentials = job.credentials, addressing_style = job.addressing_style,
  })
  local result
  if job.operation then
    local url, headers = client:presign(job.operation, job.input,
      { expires_in = job.expires_in, method = job.method })
    result = { url = url, headers = headers }
  else
    result = client:presign_post(job.input)
  end
  io.write(awl.json.encode(result), "\n")
end
