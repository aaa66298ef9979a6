-- For settings.py, as JSON: the settings of a client of S3; with the argument `regions`
-- the regions of the services on standard input where none is set.
local awl = require "awl"
local client_settings = require "awl.client_settings"
local default_region = require "awl.default_region"

local function regions(services)
  local found = {}
  for _, service in ipairs(services) do found[service] = default_region(service) end
  return found
end

if ... == "regions" then
  print(awl.json.encode(regions(awl.json.decode(awl.stdin:read "a"))))
else
  print(awl.json.encode(client_settings.resolve(awl.session {}, {}, "s3")))
end
