-- The longest that a service's first client takes, in milliseconds.
local awl = require "awl"
local models = require "awl.core.models"

local names = models.services()
local longest, slowest = 0, nil
awl.client "sts"
for _, name in ipairs(names) do
  local begin = os.clock()
  awl.client(name)
  local ms = (os.clock() - begin) * 1000
  if ms > longest then longest, slowest = ms, name end
end
io.stderr:write(("opening a client took at most %.2f ms (%s) of %d services\n")
  :format(longest, slowest, #names))
os.exit(#names > 400 and longest < tonumber(arg[1]) and 0 or 1)
