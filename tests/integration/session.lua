-- Prints what session.sh wants to know: the arguments are a service and names of what
-- to print of a client: region, endpoint, key, auth scheme, or the error of making it.
local awl = require "awl"
local core = require "awl.core.client"

-- Takes nothing, so that any client of the service can prepare it.
local OPERATIONS = { iam = "list_users", sqs = "list_queues" }

local function describe(service, wanted)
  local client = awl.client(service)
  local options = core.options(client)
  local words = {}
  for i, name in ipairs(wanted) do
    if name == "key" then
      local headers = client:prepare("list_buckets", {}).headers
      for header, value in pairs(headers) do
        if header:lower() == "authorization" then
          words[i] = value:match "Credential=([^/]+)"
        end
      end
      words[i] = words[i] or "unsigned"
    elseif name == "scheme" then
      local operation = service == "sts" and "get_caller_identity" or "list_foundation_models"
      local headers = client:prepare(operation, {}).headers
      words[i] = ("%s %s"):format(headers.Authorization:match "^%S+", headers["X-Amz-Region-Set"])
    elseif name:find "^scheme of " then
      local headers = client:prepare(name:match "%S+$", {}).headers
      words[i] = headers.Authorization and headers.Authorization:match "^%S+" or "unsigned"
    elseif name == "url" then
      words[i] = client:prepare(OPERATIONS[service] or "list_buckets", {}).url
    else
      words[i] = tostring(options[name])
    end
  end
  return table.concat(words, " ")
end

local ok, result = pcall(describe, arg[1], table.move(arg, 2, #arg, 1, {}))
print(ok and result or ("error: %s: %s"):format(result.kind or "lua", tostring(result)))
