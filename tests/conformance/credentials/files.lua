-- Where the files are, and which endpoints they set.
local awl = require "awl"
local common = ...
local replay = common.replay
local config = require "awl.config"
local config_text = common.config_text

local kinds = {}

kinds["config-file-location-tests"] = function(case)
  require "awl.core.fs".home = function() return case.languageSpecificHome end
  -- A profile has to be there to be chosen.
  replay.write_file(config.config_path(), config_text { [case.profile] = {} })
  local where = ("%s, %s, %s"):format(config.config_path(), config.credentials_path(),
    awl.session {}.profile)
  local wanted = ("%s, %s, %s"):format(case.configLocation, case.credentialsLocation, case.profile)
  return where ~= wanted and ("%s instead of %s"):format(where, wanted) or nil
end

--- An operation that needs no input.
local function any_operation(service)
  local model = require "awl.core.model".open(service)
  for _, operation in ipairs(model:operations()) do
    local needs = false
    for _, member in ipairs(operation.input and model:shape(operation.input).members or {}) do
      needs = needs or member.required
    end
    if not needs then return operation.name end
  end
end

kinds["endpoint-url-tests"] = function(case)
  replay.write_file("/home/.aws/config", config_text(case.profiles, nil, case.services))
  local client = awl.client(case.service, case.client_config)
  local url = client:prepare(any_operation(case.service), {}).url
  local wanted = case.output.endpointUrl
  return url:sub(1, #wanted) ~= wanted and ("%s instead of %s"):format(url, wanted) or nil
end

return kinds
