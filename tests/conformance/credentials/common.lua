-- What the files with the kinds of cases share.
local awl = require "awl"
local chain = require "awl.credentials.chain"

local common = {}

function common.without_null(value)
  if value ~= awl.json.null then return value end
  return nil
end

--- How credentials differ from those that are wanted, or nil.
function common.other_keys(found, wanted)
  for name, key in pairs { access_key_id = "access_key_id", account_id = "account_id",
      secret_access_key = "secret_access_key", session_token = "session_token",
      expiration = "expiry" } do
    local value = common.without_null(wanted[key])
    if key == "account_id" then value = value or wanted.accountId end
    if found[name] ~= value then
      return ("%s is %s instead of %s"):format(name, found[name], value)
    end
  end
end

function common.search(names)
  return pcall(function()
    local context = chain.context(awl.session {})
    local credentials, attempts = chain.search(context, names)
    if not credentials then chain.fail(context, attempts) end
    return credentials
  end)
end

--- A section of a config file.
local function section(header, settings)
  local lines = { "[" .. header .. "]" }
  for name, value in pairs(settings) do
    if type(value) == "table" then
      lines[#lines + 1] = name .. " ="
      for key, nested in pairs(value) do lines[#lines + 1] = ("  %s = %s"):format(key, nested) end
    else
      lines[#lines + 1] = ("%s = %s"):format(name, value)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

function common.config_text(profiles, sso_sessions, services)
  local text = {}
  for _, group in ipairs { { "profile ", profiles }, { "sso-session ", sso_sessions },
      { "services ", services } } do
    for name, settings in pairs(group[2] or {}) do
      text[#text + 1] = section(group[1] .. name, settings)
    end
  end
  return table.concat(text, "\n")
end

common.EXPIRATION = 4102444800 -- 2100

function common.made_up_keys(number)
  return { AccessKeyId = "ASIASTEP" .. number, SecretAccessKey = "secret", SessionToken = "token",
    Expiration = common.EXPIRATION }
end

function common.sts_answer(keys, account)
  return { Credentials = keys, AssumedRoleUser = { AssumedRoleId = "AROATEST:session",
    Arn = ("arn:aws:sts::%s:assumed-role/role/session"):format(account or "123456789012") } }
end

function common.key_of(request)
  for name, value in pairs(request.headers) do
    if name:lower() == "authorization" then return value:match "Credential=([^/]+)" end
  end
  return nil
end

--- What the metadata service, or a container's, says.
local function keys_as_json(keys)
  return awl.json.encode {
    Code = "Success", AccessKeyId = keys.accessKeyId, SecretAccessKey = keys.secretAccessKey,
    Token = keys.sessionToken or "token", AccountId = keys.accountId,
    Expiration = awl.time.iso(common.EXPIRATION),
  }
end

--- The answers of a metadata service and of a container's.
function common.machine_answer(url, imds, container)
  local function give(status, body) return { status = status, headers = {}, body = body } end
  local path = url:match "^%a+://[^/]+(.*)$"
  local is_imds = path:find "^/latest/"
  local wanted = is_imds and imds or not is_imds and container
  if not wanted then return give(404, "") end
  if path == "/latest/api/token" then return give(200, "metadata-token") end
  if wanted.error then return give(404, wanted.error) end
  if path:find "/security%-credentials[%a-]*/$" then return give(200, "role") end
  return give(200, keys_as_json(wanted))
end

function common.same_settings(wanted, found)
  for name, value in pairs(wanted) do
    if found[name] ~= value then
      return ("%s is %s instead of %s"):format(name, found[name], value)
    end
  end
end

--- pcall's results: the bearer token of the profile.
function common.find_token()
  return pcall(function()
    return require "awl.credentials.bearer_token".find(chain.context(awl.session {}))
  end)
end

--- Logs in at an sso-session, or at a start URL.
function common.write_sso_token(name, token)
  local sha1 = require "awl.core.crypto".sha1(name)
  common.replay.write_file(("/home/.aws/sso/cache/%s.json"):format(sha1), awl.json.encode {
    accessToken = token or "token", expiresAt = awl.time.iso(common.EXPIRATION) })
end

--- From now on every program prints these keys, or fails.
function common.process_answer(answer)
  local process = require "awl.core.process"
  local start = process.start
  process.start = function(_, options)
    if answer.error then return start({ "sh", "-c", "echo failed >&2; exit 1" }, options) end
    return start({ "printf", "%s", awl.json.encode {
      Version = 1, AccessKeyId = answer.accessKeyId, SecretAccessKey = answer.secretAccessKey,
      SessionToken = answer.sessionToken, AccountId = answer.accountId } }, options)
  end
end

return common
