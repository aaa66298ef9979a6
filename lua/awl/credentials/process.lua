--- Credentials that the program of a profile's credential_process prints.
---
--- It is started without a shell. Only where words of the command are a shell's own, such
--- as a pipe, one is needed.
local errors = require "awl.core.error"
local json_keys = require "awl.credentials.json_keys"
local process = require "awl.process"
local shell_words = require "awl.credentials.shell_words"

local OPERATORS = { ["|"] = true, ["||"] = true, ["&&"] = true, [";"] = true }
local SHOWN = 500 -- bytes of what it says on standard error
local PATIENCE = 300 -- seconds: somebody may have to log in in a browser

---@type awl.CredentialProvider
local provider = { waits = true, of_profile = true, features = "v,w" }

local function arguments_of(command)
  local words, quoted = shell_words(command)
  for i, word in ipairs(words) do
    if OPERATORS[word] and not quoted[i] then return { "/bin/sh", "-c", command } end
  end
  if #words == 0 then error("it is empty", 0) end
  return words
end

--- What the program prints may hold a secret: no error repeats it.
local function fetch(command)
  local words = arguments_of(command)
  words.timeout = PATIENCE
  local result = process.run(words)
  if result.code ~= 0 then
    local complaints = result.stderr:gsub("^%s+", ""):gsub("%s+$", ""):sub(1, SHOWN)
    error(("it ended with %s%s"):format(
      result.signal and "signal " .. result.signal or "status " .. result.code,
      complaints ~= "" and ": " .. complaints or ""), 0)
  end
  local value = json_keys.object(result.stdout) or error("its output is no JSON object", 0)
  if value.Version ~= 1 then error("its output's Version is not 1", 0) end
  local credentials, missing = json_keys.credentials(value, "SessionToken")
  return credentials or error("its output has no valid " .. missing, 0)
end

function provider.find(context)
  local command = context.settings.credential_process
  if type(command) ~= "string" or command == "" then
    return nil, ("profile '%s' has no credential_process"):format(context.profile)
  end
  local ok, credentials = pcall(fetch, command)
  if not ok then
    if errors.is_canceled(credentials) then error(credentials, 0) end
    error(("credential_process of profile '%s': %s"):format(context.profile,
      type(credentials) == "table" and credentials.message or credentials), 0)
  end
  credentials.account_id = credentials.account_id or context.settings.aws_account_id
  credentials.provider = "credential process"
  return credentials
end

return provider
