-- When credentials are asked for, how often, and who waits.
local awl = require "awl"
local core = require "awl.core.client"

local function keys(number, expiration)
  return { access_key_id = "AKID" .. number, secret_access_key = "secret", expiration = expiration }
end

--- A session whose keys come from a function, numbered, each good for `seconds`.
local function numbered(t, seconds, more)
  local state = { loads = 0, refused = {} }
  state.session = awl.session { region = "us-east-1", credentials = function(refused)
    state.loads = state.loads + 1
    local number = state.loads
    state.refused[number] = refused
    if more then more(number) end
    return keys(number, t.clock:now() + seconds)
  end }
  return state
end

local function key_of(session)
  for name, value in pairs(session:client "sqs":prepare("list_queues", {}).headers) do
    if name:lower() == "authorization" then return value:match "Credential=([^/]+)" end
  end
  return nil
end

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

describe("credentials that end", function()
  it("are used while there is time", function(t)
    local state = numbered(t, 3600)
    for _ = 1, 3 do
      assert.are.equal("AKID1", key_of(state.session))
      t.clock:advance(800)
    end
    assert.are.equal(1, state.loads)
  end)

  it("are replaced in the background from 15 minutes before on, and nobody waits", function(t)
    local state = numbered(t, 3600, function(number) if number > 1 then awl.sleep(20) end end)
    key_of(state.session)
    t.clock:advance(3600 - 14 * 60)
    local before = t.clock:now()
    assert.are.equal("AKID1", key_of(state.session))
    assert.are.equal("AKID1", key_of(state.session))
    assert.are.equal(before, t.clock:now())
    awl.sleep(21)
    assert.are.equal("AKID2", key_of(state.session))
    assert.are.equal(2, state.loads)
  end)

  it("are used on, with a pause before the next try, where that fails", function(t)
    local state = numbered(t, 3600, function(number) if number > 1 then error("no", 0) end end)
    key_of(state.session)
    t.clock:advance(3600 - 14 * 60)
    for _ = 1, 5 do
      assert.are.equal("AKID1", key_of(state.session))
      awl.sleep(1)
    end
    assert.are.equal(2, state.loads)
    awl.sleep(60)
    assert.are.equal("AKID1", key_of(state.session))
    awl.sleep(1)
    assert.are.equal(3, state.loads)
  end)

  it("are waited for by all from 10 minutes before on", function(t)
    local state = numbered(t, 3600, function(number) if number > 1 then awl.sleep(5) end end)
    key_of(state.session)
    t.clock:advance(3600 - 9 * 60)
    local run = awl.map({ 1, 2, 3, 4 }, function() return key_of(state.session) end)
    assert.are.same({ "AKID2", "AKID2", "AKID2", "AKID2" }, run.results)
    assert.are.equal(2, state.loads)
  end)

  it("fail the calls then, if there are no new ones", function(t)
    local state = numbered(t, 3600, function(number) if number == 2 then error("no luck", 0) end end)
    key_of(state.session)
    t.clock:advance(3600 - 9 * 60)
    assert.matches("no luck", tostring(failure(key_of, state.session)))
    assert.are.equal("AKID3", key_of(state.session))
  end)

  it("are not fetched again and again where they never last long", function(t)
    local state = numbered(t, 300)
    for _ = 1, 20 do
      key_of(state.session)
      awl.sleep(1)
    end
    assert.are.equal(1, state.loads)
    awl.sleep(60)
    assert.are.equal("AKID2", key_of(state.session))
  end)

  it("are refused if they have ended already", function(t)
    local state = numbered(t, -1)
    local err = failure(key_of, state.session)
    assert.are.equal("ExpiredCredentials", err.code)
    assert.are.equal("config", err.kind)
  end)

  it("are not replaced by others when they were given", function(t)
    local session = awl.session { region = "us-east-1", credentials = keys(1, t.clock:now() + 60) }
    assert.are.equal("AKID1", key_of(session))
    t.clock:advance(61)
    assert.are.equal("ExpiredCredentials", failure(key_of, session).code)
  end)
end)

describe("credentials that a service calls expired", function()
  --- A service that takes only keys from that number on.
  local function picky(t, from)
    local fake = t:fake_service(function(request)
      local number = tonumber(request.headers.authorization:match "Credential=AKID(%d+)")
      if number < from then return { code = "ExpiredTokenException", status = 400 } end
      return { output = { TableNames = {} } }
    end)
    fake:speak "dynamodb"
    return fake
  end

  it("are replaced once for all calls that were told so", function(t)
    local fake = picky(t, 2)
    local state = numbered(t, 3600, function() awl.sleep(1) end)
    local dynamodb = state.session:client("dynamodb", { endpoint_url = fake.url })
    local items = {}
    for i = 1, 200 do items[i] = i end
    local run = awl.map(items, function() dynamodb:list_tables() end, { concurrency = 200 })
    assert.are.equal(200, run.succeeded)
    assert.are.equal(2, state.loads)
    assert.are.same({ false, true }, state.refused)
  end)

  it("are asked for once, then the call fails as the service said", function(t)
    local fake = picky(t, 99)
    local state = numbered(t, 3600)
    local dynamodb = state.session:client("dynamodb", { endpoint_url = fake.url })
    assert.are.equal("ExpiredTokenException", failure(dynamodb.list_tables, dynamodb).code)
    assert.are.equal(2, state.loads)
    assert.are.equal(2, fake.requests)
  end)

  it("are reported as such where they were given", function(t)
    local fake = picky(t, 99)
    local dynamodb = fake:client("dynamodb", { credentials = keys(1) })
    assert.are.equal("ExpiredTokenException", failure(dynamodb.list_tables, dynamodb).code)
    assert.are.equal(2, fake.requests)
  end)
end)

describe("a slot", function()
  it("asks from the time on that it was told", function(t)
    local asked = 0
    local slot = core.credentials(function() asked = asked + 1 end)
    core.set_credentials(slot, keys(1, t.clock:now() + 100))
    core.refresh_credentials_at(slot, t.clock:now() + 50)
    assert.is_true(core.credentials_usable(slot, 99))
    assert.is_false(core.credentials_usable(slot, 100))
    assert.are.equal(0, asked)
  end)
end)
