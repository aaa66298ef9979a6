-- The providers of credentials, against servers and files of the test's own. The cases of
-- the SDKs are in tests/conformance/credentials.lua.
local awl = require "awl"
local chain = require "awl.credentials.chain"
local config = require "awl.config"

local EXPIRES = "2026-01-01T06:00:00Z" -- the test's clock starts six hours before

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

--- The environment and the profiles that the test sees; nothing of the user's.
local function machine(t, env, profiles)
  local getenv, load, home = os.getenv, config.load, os.tmpname()
  os.remove(home)
  env.HOME = env.HOME or home
  os.getenv = function(name) return env[name] end -- luacheck: ignore
  config.load = function()
    return { profiles = profiles or {}, sso_sessions = {}, services = {}, passed_over = {},
      in_credentials_file = {} }
  end
  t:finally(function()
    os.getenv, config.load = getenv, load -- luacheck: ignore
    os.execute("rm -rf " .. home)
  end)
  return home
end

local function find(...)
  local session = awl.session { region = "us-east-1" }
  local credentials, attempts = chain.search(chain.context(session), { ... })
  local last = attempts[#attempts]
  if last.error ~= nil then error(last.error, 0) end
  return credentials, last.reason
end

local function json_answer(more)
  local answer = { AccessKeyId = "ASIATEST", SecretAccessKey = "secret", Token = "token",
    Expiration = EXPIRES, Code = "Success" }
  for name, value in pairs(more or {}) do answer[name] = value end
  return { status = 200, body = awl.json.encode(answer) }
end

local function paths(fake)
  local list = {}
  for i, request in ipairs(fake.seen) do list[i] = request.method .. " " .. request.path end
  return list
end

describe("the environment", function()
  it("gives keys that end when it says so", function(t)
    machine(t, { AWS_ACCESS_KEY_ID = "A", AWS_SECRET_ACCESS_KEY = "s",
      AWS_CREDENTIAL_EXPIRATION = EXPIRES })
    assert.are.equal(awl.time.parse(EXPIRES), find("environment").expiration)
  end)

  it("is read again when they end", function(t)
    local env = { AWS_ACCESS_KEY_ID = "A", AWS_SECRET_ACCESS_KEY = "s",
      AWS_CREDENTIAL_EXPIRATION = awl.time.iso(t.clock:now() + 1000) }
    machine(t, env)
    local sqs = awl.session { region = "us-east-1" }:client "sqs"
    assert.truthy(sqs:prepare("list_queues", {}).headers.Authorization:find "Credential=A/")
    env.AWS_ACCESS_KEY_ID, env.AWS_CREDENTIAL_EXPIRATION = "B", awl.time.iso(t.clock:now() + 9000)
    t.clock:advance(990)
    assert.truthy(sqs:prepare("list_queues", {}).headers.Authorization:find "Credential=B/")
  end)

  it("names the variable that has no time in it", function(t)
    machine(t, { AWS_ACCESS_KEY_ID = "A", AWS_SECRET_ACCESS_KEY = "s",
      AWS_CREDENTIAL_EXPIRATION = "soon" })
    assert.matches("AWS_CREDENTIAL_EXPIRATION", failure(find, "environment"))
  end)
end)

describe("a container's credentials", function()
  it("come by one request for ten thousand tasks", function(t)
    local fake = t:fake_service(function()
      awl.sleep(0.5)
      return json_answer()
    end)
    machine(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI = fake.url .. "/creds",
      AWS_CONTAINER_AUTHORIZATION_TOKEN = "Bearer x" })
    local sqs = awl.session { region = "us-east-1" }:client "sqs"
    local items = {}
    for i = 1, 10000 do items[i] = i end
    local run = awl.map(items, function() sqs:prepare("list_queues", {}) end,
      { concurrency = 10000 })
    assert.are.equal(10000, run.succeeded)
    assert.are.equal(1, fake.requests)
    assert.are.equal("Bearer x", fake.seen[1].headers.authorization)
    assert.are.equal("application/json", fake.seen[1].headers.accept)
  end)

  it("are tried for three times", function(t)
    local fake = t:fake_service { { status = 500 }, { status = 200, body = "{" }, json_answer() }
    machine(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI = fake.url })
    assert.are.equal("ASIATEST", find("container").access_key_id)
    assert.are.same({ 1, 1 }, t.clock:slept())
  end)

  it("fail with what the service says, and without the path", function(t)
    local fake = t:fake_service(function()
      return { status = 401, body = '{"Code":"TokenNotFound","SecretAccessKey":"hush"}' }
    end)
    machine(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI = fake.url .. "/v2/secret-id" })
    local err = failure(find, "container")
    assert.matches("status 401 TokenNotFound", err)
    assert.is_nil(err:find "hush")
    assert.is_nil(err:find "secret%-id")
  end)

  it("are asked for in the open only of this machine", function(t)
    for _, host in ipairs { "10.0.0.1", "127.0.0.1.example.com", "169.254.170.3", "127.0.0.256",
                            "localhost.example.com", "user@127.0.0.1" } do
      machine(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI = ("http://%s/x"):format(host) })
      assert.matches("AWS_CONTAINER_CREDENTIALS_FULL_URI", failure(find, "container"))
    end
  end)

  it("do not go with a token of two lines", function(t)
    machine(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://127.0.0.1:1/",
      AWS_CONTAINER_AUTHORIZATION_TOKEN = "a\r\nX: b" })
    assert.matches("more than one line", failure(find, "container"))
  end)
end)

describe("the metadata service", function()
  local LIST = "/latest/meta-data/iam/security-credentials"

  --- A service with the older API; `state` can be changed while it runs.
  local function instance(t, state)
    local fake = t:fake_service(function(request)
      if state.slow then awl.sleep(state.slow) end
      if request.method == "PUT" then return state.token or { status = 200, body = "T1" } end
      if state.down then return { reset = true } end
      if state.wants and request.headers["x-aws-ec2-metadata-token"] ~= state.wants then
        return { status = 401 }
      end
      if request.path:find "extended" then return { status = 404 } end
      if request.path == LIST .. "/" then return { status = 200, body = "the-role\n" } end
      return json_answer(state.keys)
    end)
    state.env = { AWS_EC2_METADATA_SERVICE_ENDPOINT = fake.url .. "/" }
    machine(t, state.env, state.profiles)
    return fake
  end

  it("is asked once for ten thousand tasks", function(t)
    local fake = instance(t, { slow = 0.1 })
    local sqs = awl.session { region = "us-east-1" }:client "sqs"
    local items = {}
    for i = 1, 10000 do items[i] = i end
    local run = awl.map(items, function() sqs:prepare("list_queues", {}) end,
      { concurrency = 10000 })
    assert.are.equal(10000, run.succeeded)
    assert.are.same({ "PUT /latest/api/token", "GET " .. LIST .. "-extended/", "GET " .. LIST .. "/",
      "GET " .. LIST .. "/the-role" }, paths(fake))
  end)

  it("is asked without a token where it knows none", function(t)
    local fake = instance(t, { token = { status = 404 } })
    assert.are.equal("ASIATEST", find("imds").access_key_id)
    assert.is_nil(fake.seen[2].headers["x-aws-ec2-metadata-token"])
  end)

  it("is asked without one when the answer to that gets lost", function(t)
    instance(t, { token = { hold = true } })
    assert.are.equal("ASIATEST", find("imds").access_key_id)
  end)

  it("is not asked without one where that is switched off", function(t)
    local state = { token = { status = 404 },
      profiles = { default = { ec2_metadata_v1_disabled = "true" } } }
    local fake = instance(t, state)
    local credentials, reason = find("imds")
    assert.is_nil(credentials)
    assert.matches("ec2_metadata_v1_disabled", reason)
    assert.are.equal(1, fake.requests)
  end)

  it("gets a new token when the old one is not taken any more", function(t)
    local state = { wants = "T1" }
    local fake = instance(t, state)
    find("imds")
    state.wants, state.token = "T2", { status = 200, body = "T2" }
    assert.are.equal("ASIATEST", find("imds").access_key_id)
    assert.are.equal("T2", fake.seen[#fake.seen].headers["x-aws-ec2-metadata-token"])
  end)

  it("gives keys more time when it has no newer ones", function(t)
    local state = { keys = { Expiration = "2026-01-01T00:05:00Z" } }
    instance(t, state)
    local more = find("imds").expiration - t.clock:now()
    assert.is_true(more >= 900 + 120 and more <= 900 + 600)
  end)

  it("is not missed by a job that has keys of it", function(t)
    local state = { keys = { Expiration = "2026-01-01T01:00:00Z" } }
    instance(t, state)
    local sqs = awl.session { region = "us-east-1" }:client "sqs"
    sqs:prepare("list_queues", {})
    state.down = true
    t.clock:advance(2 * 3600)
    assert.truthy(sqs:prepare("list_queues", {}).headers.Authorization:find "Credential=ASIATEST/")
  end)

  it("says why it has none", function(t)
    instance(t, { keys = { AccessKeyId = awl.json.null, Code = "AssumeRoleUnauthorizedAccess",
      Message = "EC2 cannot assume the role" } })
    local _, reason = find("imds")
    assert.matches("AssumeRoleUnauthorizedAccess: EC2 cannot assume the role", reason)
  end)

  it("has no part of an answer that names no role in an error", function(t)
    local fake = instance(t, {})
    fake.script = function() return json_answer { SecretAccessKey = "hush" } end
    local _, reason = find("imds")
    assert.are.equal("the metadata service names no role", reason)
  end)

  it("has its complaints cut to a line", function(t)
    instance(t, { keys = { AccessKeyId = "", Code = "Bad", Message = "\27[31m\n" .. ("x"):rep(9999) } })
    local _, reason = find("imds")
    assert.is_true(#reason < 400)
    assert.is_nil(reason:find "%c")
  end)

  it("may not take for ever by dripping", function(t)
    local http = require "awl.core.http"
    local asked = stub(http, "request", function() return { status = 404, body = "", headers = {} } end)
    machine(t, { AWS_EC2_METADATA_SERVICE_ENDPOINT = "http://127.0.0.1:1/drip" })
    find("imds")
    assert.are.equal(5, asked.calls[1].vals[1].timeout)
  end)

  it("is left alone where it is switched off", function(t)
    local state = {}
    local fake = instance(t, state)
    state.env.AWS_EC2_METADATA_DISABLED = "TRUE"
    local _, reason = find("imds")
    assert.are.equal("AWS_EC2_METADATA_DISABLED is set", reason)
    assert.are.equal(0, fake.requests)
  end)

  it("is tried again when it is too busy, with a pause", function(t)
    local busy = 2
    local state = {}
    local fake = instance(t, state)
    local script = fake.script
    fake.script = function(request)
      busy = busy - 1
      if busy >= 0 then return { status = 429 } end
      return script(request)
    end
    assert.are.equal("ASIATEST", find("imds").access_key_id)
    assert.are.equal(2, #t.clock:slept())
  end)
end)

describe("credential_process", function()
  local function process(t, command)
    machine(t, {}, { default = { credential_process = command, aws_account_id = "111122223333" } })
    return find("process")
  end

  it("is run without a shell", function(t)
    local found = process(t, [[printf '%s' '{"Version":1,"AccessKeyId":"$HOME","SecretAccessKey":"a\"b"}']])
    assert.are.equal("$HOME", found.access_key_id)
    assert.are.equal('a"b', found.secret_access_key)
    assert.are.equal("111122223333", found.account_id)
  end)

  it("is run by a shell where it is a pipe", function(t)
    local found = process(t, [[echo '{"Version":1,"AccessKeyId":"X","SecretAccessKey":"s"}' | tr X Y]])
    assert.are.equal("Y", found.access_key_id)
  end)

  it("fails with what it says on standard error, and never with what it prints", function(t)
    local err = failure(process, t, [[sh -c 'echo hush; echo "no card" >&2; exit 7']])
    assert.matches("profile 'default': it ended with status 7: no card", err)
    assert.is_nil(err:find "hush")
    err = failure(process, t, [[echo '{"Version":1,"SecretAccessKey":"hush"}']])
    assert.matches("no valid AccessKeyId", err)
    assert.is_nil(err:find "hush")
    assert.matches("Version is not 1", failure(process, t, [[echo '{"Version":2}']]))
    assert.matches("no JSON object", failure(process, t, "echo hush"))
    assert.matches("a quote is not closed", failure(process, t, "echo 'a"))
    assert.matches("no%-such%-program", failure(process, t, "/no-such-program"))
  end)

  it("is not waited for for ever", function(t)
    local waiting = awl.spawn(failure, process, t, "sleep 1000")
    awl.sleep(0)
    t.clock:advance(301)
    assert.matches("has not ended within 300 s", waiting:await())
  end)

  it("may say much on both of its outputs", function(t)
    local found = process(t, [[sh -c 'head -c 300000 /dev/zero >&2; printf "{\"Version\":1,]]
      .. [[\"AccessKeyId\":\"X\",\"SecretAccessKey\":\"s\",\"pad\":\"%0300000d\"}" 1']])
    assert.are.equal("X", found.access_key_id)
  end)
end)

describe("a role", function()
  --- STS, which numbers the keys that it gives.
  local function sts(t, script)
    script.calls = {}
    local fake = t:fake_service(function(request)
      local number = #script.calls + 1
      script.calls[number] = request
      if script.fail then return script.fail end
      return { output = {
        Credentials = { AccessKeyId = "ASIASTEP00000000" .. number, SecretAccessKey = "secret",
          SessionToken = "token", Expiration = t.clock:now() + 3600 },
        AssumedRoleUser = { AssumedRoleId = "AROATEST:s",
          Arn = "arn:aws:sts::444455556666:assumed-role/r/s" },
      } }
    end)
    fake:speak "sts"
    return fake
  end

  local function sent(request, name)
    return request.body:match("[&^]?" .. name .. "=([^&]*)")
  end

  local function signer(request)
    return request.headers.authorization and request.headers.authorization:match "Credential=([^/]+)"
  end

  local ROLE = "arn:aws:iam::444455556666:role/r"
  local BASE = { aws_access_key_id = "AKIDBASE", aws_secret_access_key = "secret" }

  it("is assumed through a chain of profiles", function(t)
    local script = {}
    local fake = sts(t, script)
    machine(t, { AWS_ENDPOINT_URL_STS = fake.url }, {
      default = { role_arn = ROLE .. "1", source_profile = "middle", external_id = "external",
        role_session_name = "me", duration_seconds = "1200" },
      middle = { role_arn = ROLE .. "2", source_profile = "base" }, base = BASE,
    })
    local found = find("assume_role")
    assert.are.equal("ASIASTEP000000002", found.access_key_id)
    assert.are.equal("444455556666", found.account_id)
    assert.are.equal("AKIDBASE", signer(script.calls[1]))
    assert.are.equal("ASIASTEP000000001", signer(script.calls[2]))
    assert.are.equal("external", sent(script.calls[2], "ExternalId"))
    assert.are.equal("me", sent(script.calls[2], "RoleSessionName"))
    assert.are.equal("1200", sent(script.calls[2], "DurationSeconds"))
  end)

  it("stands in the AWS CLI's cache, private, and is taken from there", function(t)
    local script = {}
    local fake = sts(t, script)
    local home = machine(t, { AWS_ENDPOINT_URL_STS = fake.url },
      { default = { role_arn = ROLE, source_profile = "base" }, base = BASE })
    find("assume_role")
    -- hashlib.sha1(json.dumps({"RoleArn": ...}, sort_keys=True))
    local key = require "awl.core.crypto".sha1(('{"RoleArn": "%s"}'):format(ROLE))
    local path = ("%s/.aws/cli/cache/%s.json"):format(home, key)
    assert.are.equal(384, awl.fs.stat(path).mode & 511)
    assert.are.equal("ASIASTEP000000001", find("assume_role").access_key_id)
    assert.are.equal(1, #script.calls)
    t.clock:advance(3600 - 14 * 60)
    assert.are.equal("ASIASTEP000000002", find("assume_role").access_key_id)
    awl.fs.write_file(path, awl.json.encode { Credentials = { AccessKeyId = {}, SecretAccessKey = 5,
      Expiration = "2099-01-01T00:00:00Z" } }, { mode = 384 })
    assert.are.equal("ASIASTEP000000003", find("assume_role").access_key_id)
  end)

  it("is assumed by one call where two tasks want it at once", function(t)
    local script = {}
    local fake = sts(t, script)
    machine(t, { AWS_ENDPOINT_URL_STS = fake.url },
      { default = { role_arn = ROLE, source_profile = "base" }, base = BASE })
    awl.gather { function() find("assume_role") end, function() find("assume_role") end }
    assert.are.equal(1, #script.calls)
  end)

  it("is not taken from the cache when a service has called it expired", function(t)
    local script = {}
    local fake = sts(t, script)
    machine(t, { AWS_ENDPOINT_URL_STS = fake.url },
      { default = { role_arn = ROLE, source_profile = "base" }, base = BASE })
    local session = awl.session { region = "us-east-1" }
    chain.search(chain.context(session), { "assume_role" })
    local found = chain.search(chain.context(session, true), { "assume_role" })
    assert.are.equal("ASIASTEP000000002", found.access_key_id)
  end)

  it("fails when its profiles lead in a circle, with their names", function(t)
    machine(t, {}, { default = { role_arn = ROLE, source_profile = "b" },
      b = { role_arn = ROLE, source_profile = "c" }, c = { role_arn = ROLE, source_profile = "b" } })
    assert.matches("default %-> b %-> c %-> b", failure(find, "assume_role"))
  end)

  it("fails when its profile names no source, two, or one that is not there", function(t)
    machine(t, {}, { default = { role_arn = ROLE } })
    assert.matches("neither source_profile nor credential_source", failure(find, "assume_role"))
    machine(t, {}, { default = { role_arn = ROLE, source_profile = "a", credential_source = "b" } })
    assert.matches("both source_profile and credential_source", failure(find, "assume_role"))
    machine(t, {}, { default = { role_arn = ROLE, source_profile = "gone" } })
    assert.matches("source_profile of 'default': profile 'gone' is in neither",
      failure(find, "assume_role"))
    machine(t, {}, { default = { role_arn = ROLE, credential_source = "Moon" } })
    assert.matches("credential_source is 'Moon'", failure(find, "assume_role"))
  end)

  it("takes its own profile's keys where that is its source", function(t)
    local script = {}
    local fake = sts(t, script)
    machine(t, { AWS_ENDPOINT_URL_STS = fake.url }, { default = { role_arn = ROLE,
      source_profile = "default", aws_access_key_id = "AKIDOWN", aws_secret_access_key = "s" } })
    find("assume_role")
    assert.are.equal("AKIDOWN", signer(script.calls[1]))
  end)

  it("is given for a web identity token, which is read each time", function(t)
    local script = {}
    local fake = sts(t, script)
    local token = os.tmpname()
    t:finally(function() os.remove(token) end)
    machine(t, { AWS_ENDPOINT_URL_STS = fake.url, AWS_WEB_IDENTITY_TOKEN_FILE = token,
      AWS_ROLE_ARN = ROLE })
    for i = 1, 2 do
      awl.fs.write_file(token, "token" .. i .. "\n")
      assert.are.equal("ASIASTEP00000000" .. i, find("web_identity").access_key_id)
      assert.are.equal("token" .. i, sent(script.calls[i], "WebIdentityToken"))
      assert.is_nil(signer(script.calls[i]))
      t.clock:advance(3600)
    end
  end)

  it("of a token needs an ARN", function(t)
    machine(t, { AWS_WEB_IDENTITY_TOKEN_FILE = "/token" })
    assert.matches("no AWS_ROLE_ARN", failure(find, "web_identity"))
  end)

  it("is assumed by session:assume_role, again before it ends, and along a chain", function(t)
    local script = {}
    local fake = sts(t, script)
    machine(t, { AWS_ENDPOINT_URL_STS = fake.url })
    local base = awl.session { region = "eu-west-1",
      credentials = { access_key_id = "AKIDBASE", secret_access_key = "s" } }
    local session = base:assume_role { role_arn = ROLE .. "1" }
      :assume_role { role_arn = ROLE .. "2", external_id = "external", region = "us-west-2",
        policy = { Version = "2012-10-17" }, tags = { team = "blue" },
        mfa_serial = "arn:aws:iam::444455556666:mfa/me", mfa_code = "123456" }
    local sqs = session:client "sqs"
    assert.are.equal("client sqs (us-west-2)", tostring(sqs))
    assert.truthy(sqs:prepare("list_queues", {}).headers.Authorization:find "Credential=ASIASTEP000000002/")
    assert.are.equal("AKIDBASE", signer(script.calls[1]))
    assert.are.equal("ASIASTEP000000001", signer(script.calls[2]))
    assert.are.equal("123456", sent(script.calls[2], "TokenCode"))
    assert.are.equal("team", sent(script.calls[2], "Tags.member.1.Key"))
    assert.are.equal("%7B%22Version%22%3A%222012-10-17%22%7D", sent(script.calls[2], "Policy"))
    t.clock:advance(3600)
    local err = failure(sqs.prepare, sqs, "list_queues", {})
    assert.matches("asked for only once", tostring(err))
  end)

  it("can be had by a session's options", function(t)
    local script = {}
    local fake = sts(t, script)
    machine(t, { AWS_ENDPOINT_URL_STS = fake.url })
    local session = awl.session { region = "eu-west-1", role_arn = ROLE,
      credentials = { access_key_id = "AKIDBASE", secret_access_key = "s" } }
    session:client "sqs":prepare("list_queues", {})
    assert.are.equal("AKIDBASE", signer(script.calls[1]))
    local err = failure(awl.session, { role_arn = ROLE, rolle = 1 })
    assert.matches("unknown session option 'rolle'", err.message)
    assert.matches("unknown assume_role option 'x'", failure(session.assume_role, session,
      { role_arn = ROLE, x = 1 }).message)
    assert.are.equal("unknown assume_role option 'RoleArn'; did you mean 'role_arn'?",
      failure(session.assume_role, session, { RoleArn = ROLE }).message)
    assert.matches("role_arn must be a string", failure(session.assume_role, session, {}).message)
  end)

  it("is given by the emulator", function(t)
    local local_aws <close> = t:emulator()
    machine(t, { AWS_ENDPOINT_URL_STS = local_aws:url() })
    local role = awl.session { region = "us-east-1",
      credentials = { access_key_id = "local", secret_access_key = "local" } }
      :assume_role { role_arn = ROLE, role_session_name = "me" }
    local who = role:client("sts", { endpoint_url = local_aws:url() }):get_caller_identity()
    assert.truthy(who.Arn)
  end)

  it("that is denied fails the call with STS's words", function(t)
    local fake = sts(t, { fail = { code = "AccessDenied", status = 403, message = "not you" } })
    machine(t, { AWS_ENDPOINT_URL_STS = fake.url },
      { default = { role_arn = ROLE, source_profile = "base" }, base = BASE })
    local session = awl.session { region = "us-east-1" }
    local sqs = session:client "sqs"
    local err = failure(sqs.prepare, sqs, "list_queues", {})
    assert.are.equal("AccessDenied", err.code)
    assert.are.equal("AssumeRole", err.operation)
  end)
end)

describe("the chain", function()
  it("tells why each provider was passed over", function(t)
    machine(t, { AWS_EC2_METADATA_DISABLED = "true" })
    local err = failure(chain.find, awl.session {})
    assert.are.equal("NoCredentials", err.code)
    assert.matches("environment: AWS_ACCESS_KEY_ID is not set; ", err.message)
    assert.matches("imds: AWS_EC2_METADATA_DISABLED is set", err.message)
  end)

  it("leaves out the environment where a profile was named", function(t)
    machine(t, { AWS_ACCESS_KEY_ID = "A", AWS_SECRET_ACCESS_KEY = "s", AWS_ROLE_ARN = "r",
      AWS_WEB_IDENTITY_TOKEN_FILE = "/x" }, { dev = { aws_access_key_id = "AKIDDEV",
      aws_secret_access_key = "s" } })
    local found = chain.find(awl.session { profile = "dev" })
    assert.are.equal("AKIDDEV", found.access_key_id)
  end)
end)
