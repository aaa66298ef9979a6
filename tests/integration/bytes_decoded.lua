-- For scripts that read JSON from Python, which has no bytes:
--     local decoded = dofile(".../bytes_decoded.lua")
-- decoded(value) is the value with { ["$bytes"] = base64 } replaced by what it stands for, in
-- place.
local awl = require "awl"

local function decoded(value)
  if type(value) ~= "table" then return value end
  if value["$bytes"] then return awl.base64.decode(value["$bytes"]) end
  for key, member in pairs(value) do
    value[key] = decoded(member)
  end
  return value
end

return decoded
