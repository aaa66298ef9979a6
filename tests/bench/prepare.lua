-- Writes requests for raw, as awl itself would send them:
--
--     awl tests/bench/prepare.lua URL FOLDER
--
-- makes FOLDER/OP.request of each operation: the method, the URL, header lines, an empty
-- line, the body.
local awl = require "awl"

local here = arg[0]:match "^(.*/)" or "./"
local url, folder = arg[1], arg[2]

for name, spec in pairs(dofile(here .. "operations.lua")) do
  local client = awl.client(spec.service, {
    region = "us-east-1", endpoint_url = url .. (spec.path or ""), addressing_style = "path",
  })
  local request = client:prepare(spec.operation, spec.input)
  if name == "put256m" then request.headers["Content-Length"] = nil end
  local lines = { request.method, request.url }
  for header, value in pairs(request.headers) do
    if header ~= "Host" then lines[#lines + 1] = header .. ": " .. value end
  end
  local file <close> = assert(io.open(folder .. "/" .. name .. ".request", "wb"))
  file:write(table.concat(lines, "\n"), "\n\n", request.body or "")
end
