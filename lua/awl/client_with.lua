--- client:with(changes): a copy of a client with other settings.
local core = require "awl.core.client"
local session = require "awl.session"

---@param client awl.Client
---@param changes table options of awl.client that replace the client's own
---@return awl.Client
return function(client, changes)
  if type(changes) ~= "table" then
    error("client:with takes a table of options, got " .. type(changes), 2)
  end
  local current = core.options(client)
  local options = {}
  for key, value in pairs(current.given) do options[key] = value end
  -- The session was made from these two; its credentials are shared.
  options.session, options.profile, options.credentials = current.session, nil, nil
  for key, value in pairs(changes) do options[key] = value end
  return session.client(current.service, options)
end
