-- Directory buckets: sessions of S3 Express.
local awl = require "awl"

local BUCKET = "data--usw2-az1--x-s3"

--- Answers CreateSession with new keys each time, all else with `output`.
local function express(seconds, output)
  local sessions = 0
  return function(t)
    return t:fake_service(function(request)
      if request.query:find "^session" then
        sessions = sessions + 1
        return { output = { Credentials = {
          AccessKeyId = "AKIDSESSION" .. sessions, SecretAccessKey = "secret",
          SessionToken = "token" .. sessions, Expiration = t.clock:now() + seconds,
        } } }
      end
      return { output = output or {} }
    end)
  end
end

local function list(s3, bucket) return s3:list_objects_v2 { Bucket = bucket or BUCKET } end

--- Who signed each request: the key, and the session's token if there was one.
local function signers(fake)
  local found = {}
  for i, request in ipairs(fake.seen) do
    found[i] = request.headers.authorization:match "Credential=([^/]+)"
  end
  return table.concat(found, " ")
end

describe("a directory bucket", function()
  it("is called with the keys of a session, signed for s3express", function(t)
    local fake = express(300)(t)
    local s3 = fake:client("s3", { region = "us-west-2" })
    list(s3)
    list(s3)
    assert.are.equal("AKIDTEST AKIDSESSION1 AKIDSESSION1", signers(fake))
    local create, call = fake.seen[1].headers, fake.seen[2].headers
    assert.is_nil(create["x-amz-s3session-token"])
    assert.are.equal("token1", call["x-amz-s3session-token"])
    assert.is_nil(call["x-amz-security-token"])
    assert.truthy(create.authorization:find("/us-west-2/s3express/", 1, true))
    assert.truthy(call.authorization:find("/us-west-2/s3express/", 1, true))
    assert.truthy(call.authorization:find("x-amz-s3session-token", 1, true))
  end)

  it("has one session, however many tasks begin at once", function(t)
    local fake = express(300)(t)
    local s3 = fake:client "s3"
    local run = awl.map({ 1, 2, 3, 4, 5, 6, 7, 8 }, function() list(s3) end)
    assert.are.equal(8, run.succeeded)
    assert.are.equal(9, fake.requests)
    assert.are.equal(1, select(2, signers(fake):gsub("AKIDTEST", "")))
  end)

  it("has a session of its own", function(t)
    local fake = express(300)(t)
    local s3 = fake:client "s3"
    list(s3)
    list(s3, "other--usw2-az1--x-s3")
    list(s3)
    assert.are.equal("AKIDTEST AKIDSESSION1 AKIDTEST AKIDSESSION2 AKIDSESSION1", signers(fake))
  end)

  it("gets a new session in the background when the old one ends soon", function(t)
    local fake = express(300)(t)
    local s3 = fake:client "s3"
    list(s3)
    t.clock:advance(260) -- 40 s are left
    list(s3)
    fake:wait(4)
    awl.sleep(0.001) -- the clock moves on when nothing else is left to do
    list(s3)
    local all = signers(fake)
    assert.are.equal(2, select(2, all:gsub("AKIDTEST", "")))
    assert.are.equal(2, select(2, all:gsub("AKIDSESSION1", "")))
    assert.truthy(all:find "AKIDSESSION2$")
  end)

  it("waits for a new session when the old one has ended", function(t)
    local fake = express(300)(t)
    local s3 = fake:client "s3"
    list(s3)
    t.clock:advance(295)
    list(s3)
    assert.are.equal("AKIDTEST AKIDSESSION1 AKIDTEST AKIDSESSION2", signers(fake))
  end)

  it("gets a new session where the service calls the old one expired", function(t)
    local answered = false
    local inner = express(300)(t)
    local script = inner.script
    inner.script = function(request)
      if not answered and not request.query:find "^session" then
        answered = true
        return { code = "ExpiredToken", status = 400 }
      end
      return script(request)
    end
    list(inner:client "s3")
    assert.are.equal("AKIDTEST AKIDSESSION1 AKIDTEST AKIDSESSION2", signers(inner))
  end)

  it("fails with the session's error for all who wait, and tries again later", function(t)
    local refused = true
    local fake = express(300)(t)
    local script = fake.script
    fake.script = function(request)
      if refused then return { code = "AccessDenied", status = 403 } end
      return script(request)
    end
    local s3 = fake:client "s3"
    local run = awl.map({ 1, 2, 3 }, function() list(s3) end)
    assert.are.equal(3, #run.failed)
    assert.are.equal("CreateSession", run.failed[1].error.operation)
    assert.are.equal("AccessDenied", run.failed[1].error.code)
    assert.are.equal(1, fake.requests)
    refused = false
    list(s3)
  end)

  it("gets its session also when the task that asked for it is canceled", function(t)
    local fake = express(300)(t)
    local s3 = fake:client "s3"
    local impatient = awl.spawn(list, s3)
    local patient = awl.spawn(list, s3)
    fake:wait(1)
    impatient:cancel()
    patient:await()
    assert.is_false(pcall(impatient.await, impatient))
    assert.are.equal("AKIDTEST AKIDSESSION1", signers(fake))
  end)

  it("says so when the service gives no keys", function(t)
    local fake = t:fake_service { { status = 200, body = "<CreateSessionResult/>" } }
    local ok, err = pcall(list, fake:client "s3")
    assert.is_false(ok)
    assert.are.equal("NoCredentials", err.code)
  end)

  it("is signed with the client's own keys where sessions are switched off", function(t)
    local fake = express(300)(t)
    list(fake:client("s3", { s3_disable_express_session_auth = true }))
    assert.are.equal("AKIDTEST", signers(fake))
    assert.truthy(fake.seen[1].headers.authorization:find("/s3express/", 1, true))
  end)

  it("is copied to without a session", function(t)
    local fake = express(300)(t)
    fake:client "s3":copy_object { Bucket = BUCKET, Key = "k", CopySource = "from/k" }
    assert.are.equal("AKIDTEST", signers(fake))
  end)

  it("is made and deleted without a session, also where the endpoint is one's own", function(t)
    local fake = express(300)(t)
    local s3 = fake:client "s3"
    s3:create_bucket { Bucket = BUCKET }
    s3:delete_bucket { Bucket = BUCKET }
    assert.are.equal("AKIDTEST AKIDTEST", signers(fake))
  end)

  it("is called unsigned by a client that does not sign", function(t)
    local fake = express(300)(t)
    list(fake:client("s3", { sign = false }))
    assert.are.equal(1, fake.requests)
    assert.is_nil(fake.seen[1].headers.authorization)
  end)

  it("has URLs that are good for five minutes", function(t)
    local fake = express(300)(t)
    local s3 = fake:client "s3"
    local url = s3:presign("GetObject", { Bucket = BUCKET, Key = "k" })
    assert.truthy(url:find("X-Amz-Expires=300", 1, true))
    assert.truthy(url:find("X-Amz-S3session-Token=token1", 1, true))
    assert.truthy(url:find("%2Fs3express%2F", 1, true))
    assert.truthy(s3:presign("GetObject", { Bucket = BUCKET, Key = "k" }, { expires_in = 60 })
      :find("X-Amz-Expires=60", 1, true))
    assert.truthy(s3:presign("GetObject", { Bucket = "data", Key = "k" })
      :find("X-Amz-Expires=3600", 1, true))
  end)

  it("is remembered among a hundred", function(t)
    local fake = express(300)(t)
    local s3 = fake:client "s3"
    for i = 1, 101 do list(s3, ("b%d--usw2-az1--x-s3"):format(i)) end
    assert.are.equal(202, fake.requests)
    list(s3, "b2--usw2-az1--x-s3")
    assert.are.equal(203, fake.requests)
    list(s3, "b1--usw2-az1--x-s3") -- the one that had not been used for longest
    assert.are.equal(205, fake.requests)
  end)

  it("has a CRC-32 rather than an MD5", function(t)
    local fake = express(300)(t)
    fake:client "s3":delete_objects { Bucket = BUCKET, Delete = { Objects = { { Key = "k" } } } }
    assert.is_nil(fake.seen[2].headers["content-md5"])
    assert.truthy(fake.seen[2].headers["x-amz-checksum-crc32"])
  end)
end)
