--- The providers in the order in which they are asked; the first that has
--- credentials is taken, an error in one ends the search.
local chain = {}

--- An explicit profile is not to be overruled by the environment.
local function names(session)
  return session.profile_given and { "shared_files" } or { "environment", "shared_files" }
end

--- What was tried and why it had nothing.
local function ask(session)
  local tried = {}
  for _, name in ipairs(names(session)) do
    local credentials, why = require("awl.credentials." .. name)(session)
    if credentials then return credentials end
    tried[#tried + 1] = why
  end
  return nil, tried
end

--- The credentials that stand in the environment or a file; nil if there are none.
---@param session awl.Session
---@return table? credentials
function chain.at_once(session) return (ask(session)) end

--- Those that have to be waited for. There is no such provider yet, so this only tells
--- what was tried and what can be done.
---@param session awl.Session
---@return table credentials
function chain.wait(session)
  local credentials, tried = ask(session)
  if credentials then return credentials end
  local ways = session.profile_given and { "--profile" } or {}
  ways[#ways + 1] = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
  ways[#ways + 1] = "a profile with keys in ~/.aws/credentials"
  error(("no credentials found: %s; set %s, or try --local, which needs none")
    :format(table.concat(tried, "; "), table.concat(ways, ", or ")), 0)
end

return chain
