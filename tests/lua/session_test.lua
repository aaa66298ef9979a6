-- Sessions within one process; tests/integration/session.sh has what depends on the
-- environment.
local awl = require "awl"
local core = require "awl.core.client"

local KEYS = { access_key_id = "AKIDTEST", secret_access_key = "secret" }

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local function key_of(client)
  for name, value in pairs(client:prepare("list_queues", {}).headers) do
    if name:lower() == "authorization" then return value:match "Credential=([^/]+)" end
  end
  return nil
end

--- Puts a provider of the test's own, which may wait, in the place of all others.
local function with_chain(t, chain)
  local loaded = package.loaded["awl.credentials.chain"]
  package.loaded["awl.credentials.chain"] = { find = chain }
  t:finally(function() package.loaded["awl.credentials.chain"] = loaded end)
end

describe("a session", function()
  it("gives its region and credentials to its clients", function()
    local session = awl.session { region = "eu-north-1", credentials = KEYS }
    local sqs = session:client "sqs"
    assert.are.equal("client sqs (eu-north-1)", tostring(sqs))
    assert.are.equal("AKIDTEST", key_of(sqs))
    assert.are.equal("client sqs (eu-west-1)",
      tostring(session:client("sqs", { region = "eu-west-1" })))
  end)

  it("gives the same client for the same service", function()
    local session = awl.session { region = "eu-north-1", credentials = KEYS }
    assert.are.equal(session:client "sqs", session:client "sqs")
  end)

  it("is taken by awl.client", function()
    local session = awl.session { region = "eu-north-1", credentials = KEYS }
    assert.are.equal("AKIDTEST", key_of(awl.client("sqs", { session = session })))
  end)

  it("does not lend its credentials to a client that brings its own", function()
    local session = awl.session { region = "eu-north-1", credentials = KEYS }
    local sqs = session:client("sqs", {
      credentials = { access_key_id = "AKIDOTHER", secret_access_key = "s" } })
    assert.are.equal("AKIDOTHER", key_of(sqs))
    assert.are.equal("client sqs (eu-north-1)", tostring(sqs))
  end)

  it("refuses options that it does not know", function()
    local err = failure(awl.session, { colour = "x" })
    assert.are.equal("config", err.kind)
    assert.matches("unknown session option 'colour'; there are credentials, .*profile, region",
      err.message)
    assert.are.equal("unknown session option 'regoin'; did you mean 'region'?",
      failure(awl.session, { regoin = "x" }).message)
    assert.matches("must be a table", failure(awl.session, "dev").message)
  end)

  it("names profiles that are not there", function()
    local err = failure(awl.session, { profile = "nobody-has-this" })
    assert.are.equal("config", err.kind)
    assert.matches("profile 'nobody%-has%-this' is in neither", err.message)
  end)

  it("refuses half a pair of keys", function()
    assert.matches("both an access key id and a secret",
      tostring(failure(awl.session, { credentials = { access_key_id = "A" } })))
  end)
end)

describe("a session's credentials", function()
  it("are loaded once for a thousand tasks", function(t)
    local loads = 0
    with_chain(t, function()
      loads = loads + 1
      awl.sleep(2)
      return KEYS
    end)
    local fake = t:fake_service(function() return { output = { TableNames = {} } } end)
    fake:speak "dynamodb"
    local session = awl.session { region = "us-east-1" }
    local dynamodb = session:client("dynamodb", { endpoint_url = fake.url })
    local calls = {}
    for i = 1, 1000 do calls[i] = i end
    local run = awl.map(calls, function() dynamodb:list_tables() end, { concurrency = 1000 })
    assert.are.equal(1000, run.succeeded)
    assert.are.equal(1000, fake.requests)
    assert.are.equal(1, loads)
  end)

  it("are asked for again after a failure, which all who wait get", function(t)
    local loads = 0
    with_chain(t, function()
      loads = loads + 1
      awl.sleep(1)
      if loads == 1 then error("not yet", 0) end
      return KEYS
    end)
    local fake = t:fake_service(function() return { output = { TableNames = {} } } end)
    fake:speak "dynamodb"
    local session = awl.session { region = "us-east-1" }
    local dynamodb = session:client("dynamodb", { endpoint_url = fake.url })
    local run = awl.map({ 1, 2, 3 }, function() dynamodb:list_tables() end)
    assert.are.equal(3, #run.failed)
    for _, failed in ipairs(run.failed) do
      assert.are.equal("NoCredentials", failed.error.code)
      assert.are.equal("config", failed.error.kind)
    end
    assert.are.equal(1, loads)
    dynamodb:list_tables()
    assert.are.equal(2, loads)
  end)

  it("go on loading when one of those who wait is canceled", function(t)
    local loads = 0
    with_chain(t, function()
      loads = loads + 1
      awl.sleep(5)
      return KEYS
    end)
    local fake = t:fake_service(function() return { output = { TableNames = { "aaa" } } } end)
    fake:speak "dynamodb"
    local session = awl.session { region = "us-east-1" }
    local dynamodb = session:client("dynamodb", { endpoint_url = fake.url })
    local first = dynamodb:start("list_tables", {})
    local second = dynamodb:start("list_tables", {})
    awl.sleep(1)
    first:cancel()
    assert.are.equal("TaskCanceled", failure(first.await, first).code)
    assert.are.same({ "aaa" }, second:await().TableNames)
    assert.are.equal(1, loads)
    assert.are.equal(1, fake.requests)
  end)

  it("are not shown as text", function()
    local slot = core.credentials(nil)
    assert.are.equal("credentials (not loaded)", tostring(slot))
    core.set_credentials(slot, { access_key_id = "AKIDTESTWXYZ", secret_access_key = "secret" })
    assert.are.equal("credentials (...WXYZ)", tostring(slot))
    assert.is_true(core.credentials_usable(slot))
  end)
end)
