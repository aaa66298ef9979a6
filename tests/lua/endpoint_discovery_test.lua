-- Endpoint discovery: DescribeEndpoints, its memory, and what happens when it fails.
local awl = require "awl"
local core = require "awl.core.client"

--- A client that finds its endpoints by `describe`, and the number of times it did.
local function discovering(t, service, describe, options)
  local all = {
    region = "us-east-1",
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  }
  for key, value in pairs(options or {}) do all[key] = value end
  local count = { asked = 0 }
  core.set_gate(function(_, operation)
    if operation ~= "DescribeEndpoints" then return nil end
    count.asked = count.asked + 1
    return describe(count.asked)
  end)
  t:finally(function() core.set_gate(nil) end)
  return awl.client(service, all), count
end

local function endpoint(address, minutes)
  return { Endpoints = { { Address = address, CachePeriodInMinutes = minutes or 10 } } }
end

local function url_of(client, operation, input)
  return client:prepare(operation or "list_databases", input or {}).url
end

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local function unreachable()
  error(require "awl.core.error".new { kind = "transport", code = "ConnectionError",
    message = "no way" }, 0)
end

describe("endpoint discovery", function()
  it("sends calls where the service says, and asks it once until that expires", function(t)
    local clock = t.clock
    local client, count = discovering(t, "timestream-write", function(n)
      return endpoint("cell" .. n .. ".example.com", 10)
    end)
    assert.are.equal("https://cell1.example.com/", url_of(client))
    assert.are.equal("https://cell1.example.com/", url_of(client, "list_tables"))
    assert.are.equal("https://cell1.example.com/",
      url_of(client:with { read_timeout = 5 }, "list_tables"))
    clock:advance(599)
    url_of(client)
    assert.are.equal(1, count.asked)
    clock:advance(1)
    assert.are.equal("https://cell2.example.com/", url_of(client))
    assert.are.equal(2, count.asked)
  end)

  it("keeps the signature's region, and the host is the new one", function(t)
    local client = discovering(t, "timestream-query", function()
      return endpoint "http://cell.example.com:8080"
    end)
    local request = client:prepare("cancel_query", { QueryId = "q" })
    assert.are.equal("http://cell.example.com:8080/", request.url)
    assert.matches("/us%-east%-1/timestream/aws4_request",
      request.headers.Authorization or request.headers.authorization)
  end)

  it("asks once for all who wait", function(t)
    local client, count = discovering(t, "timestream-write", function()
      awl.sleep(1)
      return endpoint "cell.example.com"
    end)
    local _ = t.clock
    local run = awl.map({ 1, 2, 3, 4 }, function() return url_of(client) end)
    assert.are.equal(4, run.succeeded)
    assert.are.equal(1, count.asked)
  end)

  it("goes on when one of those who wait is canceled", function(t)
    local client, count = discovering(t, "timestream-write", function()
      awl.sleep(10)
      return endpoint "cell.example.com"
    end)
    local _ = t.clock
    local first = awl.spawn(url_of, client)
    local second = awl.spawn(url_of, client)
    awl.sleep(1)
    first:cancel()
    assert.are.equal("https://cell.example.com/", second:await())
    assert.are.equal(1, count.asked)
    assert.is_false(pcall(first.await, first))
  end)

  it("is tried again with each call while a required endpoint is not known", function(t)
    local client, count = discovering(t, "timestream-write", function(n)
      if n < 3 then unreachable() end
      return endpoint "cell.example.com"
    end)
    assert.are.equal("ConnectionError", failure(url_of, client).code)
    assert.are.equal("ConnectionError", failure(url_of, client).code)
    assert.are.equal("https://cell.example.com/", url_of(client))
    assert.are.equal(3, count.asked)
  end)

  it("says so when the service names no endpoint", function(t)
    for _, answer in ipairs { {}, { Endpoints = {} }, { Endpoints = { {} } } } do
      local client = discovering(t, "timestream-write", function() return answer end)
      local err = failure(url_of, client)
      assert.are.equal("EndpointDiscoveryFailed", err.code)
      assert.matches("DescribeEndpoints.*names no endpoint", tostring(err))
    end
  end)

  it("lives on what it knew when it fails, and pauses for a minute", function(t)
    local clock = t.clock
    local client, count = discovering(t, "timestream-write", function(n)
      if n == 2 then unreachable() end
      return endpoint("cell" .. n .. ".example.com", 1)
    end)
    url_of(client)
    clock:advance(61)
    assert.are.equal("https://cell1.example.com/", url_of(client))
    clock:advance(59)
    assert.are.equal("https://cell1.example.com/", url_of(client))
    assert.are.equal(2, count.asked)
    clock:advance(1)
    assert.are.equal("https://cell3.example.com/", url_of(client))
  end)

  it("leaves alone what does not require it, unless it is turned on", function(t)
    local client, count = discovering(t, "dynamodb", function()
      return endpoint "cell.example.com"
    end)
    assert.are.equal("https://dynamodb.us-east-1.amazonaws.com/", url_of(client, "list_tables"))
    assert.are.equal(0, count.asked)
    local on = client:with { endpoint_discovery_enabled = true }
    assert.are.equal("https://cell.example.com/", url_of(on, "list_tables"))
    assert.are.equal(1, count.asked)
  end)

  it("that is optional and fails leaves the endpoint as it is", function(t)
    local client = discovering(t, "dynamodb", unreachable, { endpoint_discovery_enabled = true })
    assert.are.equal("https://dynamodb.us-east-1.amazonaws.com/", url_of(client, "list_tables"))
  end)

  it("is an error where it is required and turned off", function(t)
    local client, count = discovering(t, "timestream-write", function() return endpoint "x" end,
      { endpoint_discovery_enabled = false })
    local err = failure(url_of, client)
    assert.are.equal("EndpointDiscoveryRequired", err.code)
    assert.are.equal("config", err.kind)
    assert.are.equal(0, count.asked)
  end)

  it("is not done for an endpoint of the user's own", function(t)
    local client, count = discovering(t, "timestream-write", function() return endpoint "x" end,
      { endpoint_url = "http://127.0.0.1:1", endpoint_discovery_enabled = false })
    assert.are.equal("http://127.0.0.1:1/", url_of(client))
    assert.are.equal(0, count.asked)
  end)

  it("is told the version of the API", function()
    local client = awl.client("timestream-query", { region = "us-east-1",
      credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" } })
    assert.are.equal("2018-11-01",
      client:prepare("describe_endpoints").headers["x-amz-api-version"])
  end)

  it("forgets an endpoint that refuses a call, and repeats the call at once", function(t)
    for _, refusal in ipairs {
      { status = 421, body = "" }, { code = "InvalidEndpointException", status = 400 },
    } do
      local fake = t:fake_service { refusal, { output = { Databases = {} } } }
      fake:speak "timestream-write"
      local client, count = discovering(t, "timestream-write", function(n)
        return endpoint(fake.url .. ("/"):rep(n))
      end)
      assert.are.equal(1, client:list_databases().ResponseMetadata.RetryAttempts)
      assert.are.same({}, t.clock:slept())
      assert.are.equal(2, count.asked)
    end
  end)

  it("does not repeat without end", function(t)
    local fake = t:fake_service(function() return { status = 421, body = "" } end)
    local client = discovering(t, "timestream-write", function() return endpoint(fake.url) end)
    assert.are.equal(421, failure(client.list_databases, client).status)
    assert.are.equal(3, fake.requests)
  end)
end)
