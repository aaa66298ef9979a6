-- The folders of cases: an environment, files, and recorded traffic.
local common = ...
local replay = common.replay
local chain = require "awl.credentials.chain"
local other_keys, search = common.other_keys, common.search

local kinds = {}

--- A case with its environment, files and traffic, for the providers of that name.
local function run_recorded(case, names)
  local exchanges = case.traffic and replay.read(case.traffic) or {}
  replay.set_clock(exchanges)
  local finish = replay.exchanges(exchanges)
  local ok, found = search(names)
  local problem = finish()
  if problem then return problem end
  if case.result.ErrorContains then
    return ok and "credentials instead of an error: " .. case.result.ErrorContains or nil
  end
  if not ok then return tostring(found) end
  return other_keys(found, case.result.Ok)
end

kinds["provider-chain"] = function(case) return run_recorded(case, chain.order) end
kinds["provider-chain-sso"] = kinds["provider-chain"]
kinds["profile-provider"] = function(case) return run_recorded(case, chain.profile_order()) end

return kinds
