-- Sessions of `aws login`: keys in a file, renewed with a proof of possession.
local awl = require "awl"
local config = require "awl.config"
local crypto = require "awl.core.crypto"
local provider = require "awl.credentials.login"

local NAME = "arn:aws:sts::123456789012:assumed-role/Admin/admin"

-- Made for these tests; in two, so that no tool takes it for a real one.
local KEY = "-----BEGIN PRIVATE" .. [[ KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgi+UcoRsRRHjdI+r8
/7eUC2dkk0lDamHxKpfrQ4EIlcChRANCAAQCtBfJL3NL8pWG6L6FBNA/RH2Wn6LQ
uYAS0ztY7Z/e73Ye2QO0m+9VHTC41eAr4iKqidBSwHhximRs6RfjG6KP
-----END PRIVATE]] .. " KEY-----"

local function login(session)
  return provider.find { profile = "default", settings = config.profile "default",
                         session = session }
end

local function setup(t, answers)
  local folder = os.tmpname()
  os.remove(folder)
  awl.fs.mkdir(folder)
  t:finally(function() os.execute("rm -rf " .. folder) end)
  local fake = t:fake_service(answers or {})
  fake:speak "signin"
  local real, environment = os.getenv, {
    AWS_LOGIN_CACHE_DIRECTORY = folder, AWS_ENDPOINT_URL_SIGNIN = fake.url }
  stub(os, "getenv").invokes(function(name)
    return environment[name] or not name:find "^AWS_" and real(name) or nil
  end)
  stub(config, "profile").returns { login_session = NAME, region = "eu-west-1" }
  local path = ("%s/%s.json"):format(folder, crypto.sha256(NAME))
  return awl.session { region = "eu-west-1" }, fake, path
end

local function put(path, expires_in, change)
  local file = {
    accessToken = { accessKeyId = "AKIDOLD", secretAccessKey = "old secret",
      sessionToken = "old", accountId = "123456789012",
      expiresAt = awl.time.iso(awl.time.now() + expires_in) },
    clientId = "arn:aws:signin:::devtools/same-device", refreshToken = "refresh",
    dpopKey = KEY, idToken = "kept",
  }
  for key, value in pairs(change or {}) do file[key] = value or nil end
  awl.fs.write_file(path, awl.json.encode(file), { mode = 384 })
end

local NEW = { output = { tokenOutput = { accessToken = { accessKeyId = "AKIDNEW",
  secretAccessKey = "new secret", sessionToken = "new" }, refreshToken = "refresh 2",
  tokenType = "aws_sigv4", expiresIn = 900 } } }

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

describe("a login session", function()
  it("gives the keys in its file while they are good", function(t)
    local session, fake, path = setup(t)
    put(path, 600)
    local found = login(session)
    assert.are.equal("AKIDOLD", found.access_key_id)
    assert.are.equal("123456789012", found.account_id)
    assert.are.equal(awl.time.now() + 600, found.expiration)
    assert.are.equal(0, fake.requests)
  end)

  it("is renewed when they end soon, by one request for all who wait", function(t)
    local session, fake, path = setup(t, { NEW })
    put(path, 200)
    local run = awl.map({ 1, 2, 3 }, function() return login(session).access_key_id end)
    assert.are.same({ "AKIDNEW", "AKIDNEW", "AKIDNEW" }, run.results)
    assert.are.equal(1, fake.requests)
    assert.is_nil(fake.seen[1].headers.authorization)
    local file = awl.json.decode(awl.fs.read_file(path))
    assert.are.equal("AKIDNEW", file.accessToken.accessKeyId)
    assert.are.equal("123456789012", file.accessToken.accountId)
    assert.matches("^2026%-01%-01T00:15:00", file.accessToken.expiresAt)
    assert.are.equal("refresh 2", file.refreshToken)
    assert.are.equal("kept", file.idToken)
    assert.are.equal(KEY, file.dpopKey)
    assert.are.equal(384, awl.fs.stat(path).mode & 511)
  end)

  it("that cannot be written is renewed by what came last", function(t)
    local before = awl.log.level "off"
    t:finally(function() awl.log.level(before) end)
    local session, fake, path = setup(t, { NEW, NEW })
    put(path, 200)
    stub(awl.fs, "write_file").invokes(function() error("no space left", 0) end)
    assert.are.equal("AKIDNEW", login(session).access_key_id)
    assert.are.equal("AKIDNEW", login(session).access_key_id)
    assert.are.equal(1, fake.requests)
    t.clock:advance(700)
    login(session)
    assert.matches('"refresh 2"', fake.seen[2].body)
  end)

  it("proves that it has the key", function(t)
    local session, fake, path = setup(t, { NEW })
    put(path, 0)
    login(session)
    local header, claims, signature = fake.seen[1].headers.dpop:match "^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$"
    local function decoded(text) return awl.json.decode(awl.base64.decode_url(text)) end
    local x, y = crypto.es256_point(KEY)
    assert.are.same({ typ = "dpop+jwt", alg = "ES256", jwk = { kty = "EC", crv = "P-256",
      x = awl.base64.encode_url(x), y = awl.base64.encode_url(y) } }, decoded(header))
    local said = decoded(claims)
    assert.are.equal("POST", said.htm)
    assert.are.equal(fake.url .. "/v1/token", said.htu)
    assert.are.equal(awl.time.now(), said.iat)
    assert.are.equal(36, #said.jti)
    assert.are.equal(64, #awl.base64.decode_url(signature))
  end)

  it("says the command when it has ended", function(t)
    local session, _, path = setup(t, {
      { code = "AccessDeniedException", status = 400,
        message = "no", members = { error = "TOKEN_EXPIRED" } },
      { code = "AccessDeniedException", status = 400,
        message = "no", members = { error = "USER_CREDENTIALS_CHANGED" } },
      { code = "AccessDeniedException", status = 400,
        message = "no", members = { error = "INSUFFICIENT_PERMISSIONS" } },
    })
    local err = failure(login, session)
    assert.are.equal("LoginRequired", err.code)
    assert.matches("is not in .*; run `aws login %-%-profile default`", err.message)
    put(path, 0)
    assert.matches("has expired; run `aws login", failure(login, session).message)
    assert.matches("password was changed; run `aws login", failure(login, session).message)
    assert.are.equal("InsufficientPermissions", failure(login, session).code)
  end)

  it("names what its file lacks", function(t)
    local session, _, path = setup(t)
    for _, field in ipairs { "accessToken", "clientId", "refreshToken", "dpopKey" } do
      put(path, 600, { [field] = false })
      assert.matches("lacks " .. field .. " in ", failure(login, session).message)
    end
  end)

  it("serves until its end when it cannot be renewed", function(t)
    local before = awl.log.level "off"
    t:finally(function() awl.log.level(before) end)
    local session, fake, path = setup(t, { { status = 400, body = "{}" } })
    put(path, 200)
    assert.are.equal("AKIDOLD", login(session).access_key_id)
    assert.are.equal(1, fake.requests)
  end)

  it("with a key that is none says so without the key", function(t)
    local session, _, path = setup(t)
    put(path, 0, { dpopKey = "garbage" })
    local err = failure(login, session)
    assert.matches("no private key on the curve P%-256", tostring(err))
    assert.is_nil(tostring(err):find("garbage", 1, true))
  end)
end)
