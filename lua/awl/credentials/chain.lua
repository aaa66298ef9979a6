--- The providers in the order in which they are asked; the first that has
--- credentials is taken, an error in one ends the search.

--- Says what a user can do, and what was tried.
local function none_found(session, tried)
  local settings = session.profile_given and { "--profile" } or {}
  settings[#settings + 1] = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
  settings[#settings + 1] = "a profile with keys in ~/.aws/credentials"
  return ("no credentials found: %s; set %s, or try --local, which needs none")
    :format(table.concat(tried, "; "), table.concat(settings, ", or "))
end

---@param session awl.Session
---@return table credentials
return function(session)
  local tried = {}
  -- An explicit profile is not to be overruled by the environment.
  local names = session.profile_given and { "shared_files" }
    or { "environment", "shared_files" }
  for _, name in ipairs(names) do
    local credentials, why = require("awl.credentials." .. name)(session)
    if credentials then return credentials end
    tried[#tried + 1] = why
  end
  error(none_found(session, tried), 0)
end
