-- Reads the SDKs' vectors for shared config files with awl.config: the argument is the
-- path of config-file-parser-tests.json. Prints what differs; exit code 1 if any does.
local awl = require "awl"
local config = require "awl.config"

-- An error is only asked to be one: our sentences are our own.
local function outcome(input)
  input = input or {}
  local result = { profiles = {}, sso_sessions = {}, services = {} }
  local ok, err = pcall(function()
    if input.configFile then config.parse(result, input.configFile, "config", false) end
    if input.credentialsFile then
      config.parse(result, input.credentialsFile, "credentials", true)
    end
  end)
  return ok and result or nil, err
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local function difference(test)
  local result, err = outcome(test.input)
  local wanted = test.output or {}
  if wanted.errorContaining then
    return result and "no error, but wanted: " .. wanted.errorContaining
  end
  if not result then return tostring(err) end
  for key, ours in pairs { profiles = "profiles", ssoSessions = "sso_sessions",
                           services = "services" } do
    if wanted[key] and not same(wanted[key], result[ours]) then
      return ("%s: wanted %s, got %s"):format(key, awl.json.encode(wanted[key]),
        awl.json.encode(result[ours]))
    end
  end
  return nil
end

local path = assert(arg[1], "the vectors' path is missing")
local file <close> = io.open(path)
if not file then
  print("SKIPPED: there is no folder with " .. path)
  os.exit(0)
end
local vectors = awl.json.decode(file:read "a")
local passed, failed = 0, 0
for _, test in ipairs(vectors.tests or {}) do
  local what = difference(test)
  if what then
    failed = failed + 1
    print(("FAIL credentials %s: %s: %s"):format(test.name, awl.json.encode(test.input or {}), what))
  else
    passed = passed + 1
  end
end
print(("credentials: %d passed, %d failed, 0 skipped"):format(passed, failed))
os.exit(failed == 0)
