-- The operation inputs of the endpoint suite: each drives a whole call, up to the point
-- where it would be sent.
--
--     awl run operation_inputs.lua FOLDER
local awl = require "awl"

local folder = assert(arg[1], "usage: awl run operation_inputs.lua FOLDER")
local passed, failed, skipped = 0, 0, 0

-- Built-ins to client options.
local OPTIONS = {
  ["AWS::Region"] = "region",
  ["AWS::UseFIPS"] = "use_fips_endpoint",
  ["AWS::UseDualStack"] = "use_dualstack_endpoint",
  ["SDK::Endpoint"] = "endpoint_url",
  ["AWS::S3::Accelerate"] = "use_accelerate_endpoint",
  ["AWS::S3::UseArnRegion"] = "use_arn_region",
  ["AWS::S3Control::UseArnRegion"] = "use_arn_region",
  ["AWS::S3::DisableMultiRegionAccessPoints"] = "disable_multiregion_access_points",
  ["AWS::Auth::AccountIdEndpointMode"] = "account_id_endpoint_mode",
}

local function options_of(builtins)
  -- Not signed: some endpoints want signatures that are another suite's matter.
  local options = {
    region = "us-east-1", disable_host_prefix_injection = true, sign = false,
    addressing_style = builtins["AWS::S3::ForcePathStyle"] and "path" or "virtual",
    credentials = {
      access_key_id = "AKIDTEST", secret_access_key = "secret",
      account_id = builtins["AWS::Auth::AccountId"],
    },
  }
  if builtins["AWS::S3::UseGlobalEndpoint"] then
    options.s3_us_east_1_regional_endpoint = "legacy"
  end
  if builtins["AWS::STS::UseGlobalEndpoint"] then
    options.sts_regional_endpoints = "legacy"
  end
  for name, value in pairs(builtins) do
    if OPTIONS[name] then options[OPTIONS[name]] = value end
  end
  return options
end

local function run(service, expect, input)
  local ok, made = pcall(function()
    local client = awl.client(service, options_of(input.builtInParams or {}))
    return client:prepare(input.operationName, input.operationParams or {}).url
  end)
  if expect.error then
    -- The wording is the rule set's where the rules refuse; awl may be earlier.
    if not ok and (made.kind == "config" or made.kind == "input") then return true end
    return false, ok and made .. " instead of the error " .. expect.error
      or "an error of another kind: " .. tostring(made)
  end
  local url = expect.endpoint.url
  if not ok then return false, ("%s instead of %s"):format(made, url) end
  if made:sub(1, #url) == url then return true end
  return false, ("%s instead of %s"):format(made, url)
end

-- Names that no bucket can have, which awl refuses before it asks the rules; the
-- suite's description leaves that to the SDK. Rules that refuse them too are no skip.
local function is_refused(expect, input)
  local bucket = (input.operationParams or {}).Bucket
  return not expect.error and type(bucket) == "string" and not bucket:find "^arn:"
    and bucket:find "[^%w._-]" ~= nil
end

local function run_service(service, text)
  for _, case in ipairs(awl.json.decode(text).testCases) do
    for _, input in ipairs(case.operationInputs or {}) do
      local ok, why = run(service, case.expect, input)
      if is_refused(case.expect, input) then
        skipped = skipped + 1
        print(("SKIP operation-inputs %s: %s: names of buckets are checked first"):format(
          service, case.documentation))
      elseif ok then
        passed = passed + 1
      else
        failed = failed + 1
        print(("FAIL operation-inputs %s: %s: %s: %s"):format(service, case.documentation,
          input.operationName, why))
      end
    end
  end
end

for _, service in ipairs(awl.fs.list(folder)) do
  local path = ("%s/%s/endpoint-tests-1.json"):format(folder, service)
  local text = awl.fs.exists(path) and awl.fs.read_file(path) or ""
  if text:find('"operationInputs"', 1, true) then run_service(service, text) end
end
print(("operation-inputs: %d passed, %d failed, %d skipped"):format(passed, failed, skipped))
if failed > 0 then os.exit(1) end
