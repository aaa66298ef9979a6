-- Credentials and tokens of IAM Identity Center, from files as `aws sso login` leaves them.
local awl = require "awl"
local cache = require "awl.credentials.cache"
local config = require "awl.config"
local provider = require "awl.credentials.sso"

local SESSION = "corp"
local START = "https://corp.awsapps.com/start"

local function context_of(session)
  return { profile = "default", settings = config.profile "default", session = session }
end

local function sso(session) return provider.find(context_of(session)) end

-- Each test has a home of its own, for tokens are kept in memory by their file's name.
local homes = 0

--- A home with the files of a login, and the services behind it.
local function login(t, options)
  local home = os.tmpname()
  os.remove(home)
  homes = homes + 1
  home = ("%s-%d"):format(home, homes)
  local fake = t:fake_service(options.answers or {})
  fake:speak(options.speak or "sso")
  local real = os.getenv
  local environment = { HOME = home, AWS_ENDPOINT_URL = fake.url }
  stub(os, "getenv").invokes(function(name)
    if environment[name] ~= nil then return environment[name] end
    return not name:find "^AWS_" and real(name) or nil
  end)
  t:finally(function() os.execute("rm -rf " .. home) end)
  stub(config, "profile").returns(options.profile or {
    sso_session = SESSION, sso_account_id = "123456789012", sso_role_name = "Reader",
    region = "eu-west-1",
  })
  stub(config, "load").returns { profiles = {}, services = {}, passed_over = {}, sso_sessions = {
    [SESSION] = { sso_region = "eu-north-1", sso_start_url = START } } }
  local session = awl.session { region = "eu-west-1" }
  return session, fake, home
end

local function put_token(token)
  local path = cache.path("sso/cache", require "awl.core.crypto".sha1(token.of or SESSION))
  token.of = nil
  if type(token.expiresAt) == "number" then
    token.expiresAt = awl.time.iso(awl.time.now() + token.expiresAt)
  end
  cache.write(path, token)
  return path
end

local function refreshable(expires_in)
  return { accessToken = "old", expiresAt = expires_in, refreshToken = "refresh",
           clientId = "client", clientSecret = "secret",
           registrationExpiresAt = "2099-01-01T00:00:00Z", other = "kept" }
end

local function keys_answer(id, expires_in)
  return { output = { roleCredentials = { accessKeyId = id, secretAccessKey = "s",
    sessionToken = "t", expiration = math.tointeger((awl.time.now() + expires_in) * 1000) // 1 } } }
end

--- Until the test's end nothing is logged.
local function quiet(t)
  local before = awl.log.level "off"
  t:finally(function() awl.log.level(before) end)
end

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

describe("SSO credentials", function()
  it("are asked for with the token, unsigned, and kept for the AWS CLI", function(t)
    local session, fake, home = login(t, { answers = function() return keys_answer("AKIDSSO", 3600) end })
    put_token { accessToken = "T0ken", expiresAt = 3600 }
    local found = sso(session)
    assert.are.equal("AKIDSSO", found.access_key_id)
    assert.are.equal("123456789012", found.account_id)
    assert.are.equal(awl.time.now() + 3600, found.expiration)
    assert.are.equal("T0ken", fake.seen[1].headers["x-amz-sso_bearer_token"])
    assert.is_nil(fake.seen[1].headers.authorization)
    assert.are.equal("role_name=Reader&account_id=123456789012", fake.seen[1].query)

    -- SHA-1 of {"accountId":"123456789012","roleName":"Reader","sessionName":"corp"}
    local path = home .. "/.aws/cli/cache/e916525d47e3ac474990796ecd6fd8a0bde18c3d.json"
    local file = awl.json.decode(awl.fs.read_file(path))
    assert.are.equal("sso", file.ProviderType)
    assert.are.equal("AKIDSSO", file.Credentials.AccessKeyId)
    assert.are.equal(384, awl.fs.stat(path).mode & 511)

    assert.are.equal("AKIDSSO", sso(session).access_key_id)
    assert.are.equal(1, fake.requests)
  end)

  it("are asked for once by many who wait", function(t)
    local session, fake = login(t, { answers = function() return keys_answer("AKIDSSO", 3600) end })
    put_token { accessToken = "T0ken", expiresAt = 3600 }
    local run = awl.map({ 1, 2, 3, 4, 5, 6, 7, 8 }, function() return sso(session).access_key_id end)
    assert.are.equal(8, run.succeeded)
    assert.are.equal(1, fake.requests)
  end)

  it("that end within a quarter of an hour are replaced", function(t)
    local session, fake = login(t, { answers = function(_)
      return keys_answer("AKID", 14 * 60) end })
    put_token { accessToken = "T0ken", expiresAt = 3600 }
    sso(session)
    sso(session)
    assert.are.equal(2, fake.requests)
  end)

  it("say the command when there is no token, or one that has ended", function(t)
    local session, fake = login(t, {})
    local err = failure(sso, session)
    assert.are.equal("LoginRequired", err.code)
    assert.are.equal("config", err.kind)
    assert.matches("there is no SSO token for 'corp'; run `aws sso login %-%-sso%-session corp`",
      err.message)
    put_token { accessToken = "T0ken", expiresAt = -1 }
    assert.matches("has expired; run `aws sso login", failure(sso, session).message)
    assert.are.equal(0, fake.requests)
  end)

  it("say it when the service does not know the token any more", function(t)
    local session = login(t, { answers = { { code = "UnauthorizedException", status = 401 } } })
    put_token { accessToken = "T0ken", expiresAt = 3600 }
    local err = failure(sso, session)
    assert.are.equal("LoginRequired", err.code)
    assert.is_nil(tostring(err):find("T0ken", 1, true))
  end)

  it("come by a start URL in the profile, as was usual once", function(t)
    local session = login(t, {
      profile = { sso_start_url = START, sso_region = "eu-north-1", sso_role_name = "Reader",
                  sso_account_id = "123456789012", region = "eu-west-1" },
      answers = function() return keys_answer("AKIDOLD", 3600) end,
    })
    put_token { of = START, accessToken = "T0ken", expiresAt = "2099-01-01T00:00:00UTC" }
    assert.are.equal("AKIDOLD", sso(session).access_key_id)
  end)

  it("name what is missing and what contradicts", function(t)
    local session = login(t, { profile = { sso_account_id = "1", region = "eu-west-1" } })
    assert.matches("lacks sso_role_name, sso_start_url, sso_region", failure(sso, session).message)
    config.profile.returns { sso_session = "other", sso_account_id = "1", sso_role_name = "r" }
    assert.matches("names the sso%-session 'other', which is not in", failure(sso, session).message)
    config.profile.returns { sso_session = SESSION, sso_account_id = "1", sso_role_name = "r",
                             sso_region = "us-east-1" }
    assert.matches("sso_region is 'us%-east%-1' in profile 'default' but 'eu%-north%-1' in its",
      failure(sso, session).message)
  end)

  it("are no concern of a profile without them", function(t)
    local session = login(t, { profile = { sso_session = SESSION } })
    local found, why = sso(session)
    assert.is_nil(found)
    assert.matches("has an sso_session, but no sso_account_id", why)
  end)
end)

describe("an SSO token", function()
  local function token_of(session)
    return require "awl.credentials.sso_token"(
      require "awl.credentials.sso_login"(context_of(session), { "sso_region", "sso_start_url" }))
  end

  local function oidc(t, answers) return login(t, { speak = "sso-oidc", answers = answers }) end

  it("is refreshed before it ends, once for all who wait", function(t)
    local session, fake = oidc(t, { { delay = 1, output = {
      accessToken = "new", expiresIn = 28800, refreshToken = "refresh 2" } } })
    local path = put_token(refreshable(600))
    local run = awl.map({ 1, 2, 3, 4, 5 }, function() return (token_of(session)) end)
    assert.are.same({ "new", "new", "new", "new", "new" }, run.results)
    assert.are.equal(1, fake.requests)
    assert.are.same({ clientId = "client", clientSecret = "secret", grantType = "refresh_token",
      refreshToken = "refresh" }, awl.json.decode(fake.seen[1].body))
    assert.is_nil(fake.seen[1].headers.authorization)
    local file = awl.json.decode(awl.fs.read_file(path))
    assert.are.equal("new", file.accessToken)
    assert.are.equal("refresh 2", file.refreshToken)
    assert.are.equal("kept", file.other)
    assert.are.equal(384, awl.fs.stat(path).mode & 511)
    local _, expiration = token_of(session)
    assert.is_true(expiration - awl.time.now() > 28000)
  end)

  it("serves until its end when the refresh fails, which is tried once a minute", function(t)
    quiet(t)
    local session, fake = oidc(t, function()
      return { code = "InvalidGrantException", status = 400, message = "no" } end)
    put_token(refreshable(600))
    for _ = 1, 3 do assert.are.equal("old", (token_of(session))) end
    assert.are.equal(1, fake.requests)
    t.clock:advance(59)
    token_of(session)
    assert.are.equal(1, fake.requests)
    t.clock:advance(2)
    token_of(session)
    assert.are.equal(2, fake.requests)
    t.clock:advance(600)
    assert.are.equal("LoginRequired", failure(token_of, session).code)
  end)

  it("is not refreshed when the registration has ended", function(t)
    local session, fake = oidc(t, {})
    local token = refreshable(600)
    token.registrationExpiresAt = "2020-01-01T00:00:00Z"
    put_token(token)
    assert.are.equal("old", (token_of(session)))
    assert.are.equal(0, fake.requests)
  end)

  it("that cannot be written is used all the same", function(t)
    quiet(t)
    local session, fake = oidc(t, { { output = { accessToken = "new", expiresIn = 3600 } } })
    put_token(refreshable(600))
    stub(awl.fs, "write_file").invokes(function() error("read-only", 0) end)
    assert.are.equal("new", (token_of(session)))
    assert.are.equal("new", (token_of(session)))
    assert.are.equal(1, fake.requests)
  end)

  it("that another program has refreshed is taken over", function(t)
    local session, fake = oidc(t, {})
    put_token(refreshable(20 * 60))
    assert.are.equal("old", (token_of(session)))
    local token = refreshable(3600)
    token.accessToken = "theirs"
    put_token(token)
    assert.are.equal("theirs", (token_of(session)))
    assert.are.equal(0, fake.requests)
  end)
end)
