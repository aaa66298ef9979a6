-- Clients: what their methods are called, and what they refuse.
local awl = require "awl"

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local function offline(service, options)
  local all = {
    region = "eu-west-1", endpoint_url = "http://127.0.0.1:9",
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  }
  for key, value in pairs(options or {}) do all[key] = value end
  return awl.client(service, all)
end

describe("a client", function()
  it("answers to boto3's and to AWS's spelling of an operation", function(t)
    local fake = t:fake_service { { output = { TableNames = { "aaa" } } },
                                  { output = { TableNames = { "bbb" } } } }
    local dynamodb = fake:client "dynamodb"
    assert.are.same({ "aaa" }, dynamodb:list_tables().TableNames)
    assert.are.same({ "bbb" }, dynamodb:ListTables({}).TableNames)
    assert.are.equal("ListTables", fake.seen[1].operation)
    assert.are.equal("ListTables", fake.seen[2].operation)
  end)

  it("calls an operation by name", function(t)
    local fake = t:fake_service { { output = { TableNames = {} } } }
    assert.are.same({}, fake:client("dynamodb"):call("list_tables", { Limit = 3 }).TableNames)
    assert.are.equal('{"Limit":3}', fake.seen[1].body)
  end)

  it("names the nearest operation for one that does not exist", function()
    local err = failure(function() return offline("s3").list_object_v2 end)
    assert.are.equal("input", err.kind)
    assert.matches("list_objects_v2", tostring(err))
    assert.matches("list_objects_v2",
      tostring(failure(function() offline("s3"):call "list_object_v2" end)))
  end)

  it("names the nearest service for one that does not exist", function()
    assert.matches("dynamodb", tostring(failure(offline, "dynamdb")))
  end)

  it("says that a method wants its colon", function()
    local s3 = offline "s3"
    assert.matches("list_buckets.*colon", tostring(failure(s3.list_buckets, {})))
    assert.matches("colon", tostring(failure(s3.list_buckets)))
    assert.matches("colon", tostring(failure(s3.call, "list_buckets")))
  end)

  it("does not take another service's client for its own", function()
    assert.matches("colon", tostring(failure(offline("s3").list_buckets, offline "sqs")))
  end)

  it("keeps its own names from operations", function()
    local s3 = offline "s3"
    for _, name in ipairs { "call", "start", "pages", "wait", "with", "presign", "prepare" } do
      assert.are.equal("function", type(s3[name]), name)
    end
  end)

  it("finds operations through every service's metatable alike", function()
    assert.are.equal(offline("s3").list_buckets, offline("s3").list_buckets)
    assert.are_not.equal(offline("s3").list_buckets, offline("s3control").list_jobs)
  end)

  it("says what it is", function()
    assert.are.equal("client s3 (eu-west-1)", tostring(offline "s3"))
  end)

  it("refuses options that it does not know, naming those it does", function()
    local err = failure(offline, "s3", { colour = "x" })
    assert.are.equal("config", err.kind)
    assert.matches("unknown client option 'colour'; there are .*region", tostring(err))
    assert.matches("unknown client option 'regoin'; did you mean 'region'?",
      tostring(failure(offline, "s3", { regoin = "x" })), 1, true)
  end)

  it("refuses settings out of range", function()
    assert.matches("max_attempts", tostring(failure(offline, "s3", { max_attempts = 0 })))
    assert.matches("connect_timeout", tostring(failure(offline, "s3", { connect_timeout = -1 })))
    assert.matches("addressing_style.*'odd'",
      tostring(failure(offline, "s3", { addressing_style = "odd" })))
  end)

  it("refuses an endpoint that is no URL", function()
    local err = failure(offline, "s3", { endpoint_url = "localhost:9000" })
    assert.are.equal("config", err.kind)
    assert.matches("endpoint URL 'localhost:9000' must begin with", tostring(err))
  end)

  it("says that the service must be a string", function()
    assert.matches("service must be a string, got nil", tostring(failure(awl.client, nil)))
  end)
end)

describe("client:with", function()
  it("is a copy with changes", function(t)
    local fake = t:fake_service { { output = {} }, { output = {} } }
    local sqs = fake:client "sqs"
    local other = sqs:with { region = "eu-north-1" }
    assert.are.equal("client sqs (us-east-1)", tostring(sqs))
    assert.are.equal("client sqs (eu-north-1)", tostring(other))
    other:list_queues()
    assert.matches("/eu%-north%-1/sqs/aws4_request", fake.seen[1].headers.authorization)
    assert.matches("Credential=AKIDTEST/", fake.seen[1].headers.authorization)
  end)

  it("keeps the credentials of the client's session", function(t)
    local fake = t:fake_service { { output = {} } }
    fake:speak "sqs"
    local session = awl.session { credentials = { access_key_id = "AKIDONE",
      secret_access_key = "s" } }
    local sqs = session:client("sqs", { endpoint_url = fake.url, region = "eu-west-1" })
    sqs:with({ region = "eu-north-1" }):list_queues()
    assert.matches("Credential=AKIDONE/", fake.seen[1].headers.authorization)
  end)

  it("wants a table", function()
    assert.matches("with takes a table", tostring(failure(offline("s3").with, offline "s3", 1)))
  end)
end)

describe("client:start", function()
  it("gives the call as a task", function(t)
    local fake = t:fake_service { { output = { TableNames = { "aaa" } } } }
    local started = fake:client("dynamodb"):start("list_tables", {})
    assert.are.equal(0, fake.requests)
    assert.are.same({ "aaa" }, started:await().TableNames)
  end)
end)

describe("client:prepare", function()
  it("gives the signed request without sending it", function()
    local prepared = offline("dynamodb"):prepare("get_item",
      { TableName = "t", Key = { id = { S = "1" } } })
    assert.are.equal("POST", prepared.method)
    assert.are.equal("http://127.0.0.1:9/", prepared.url)
    assert.are.equal('{"TableName":"t","Key":{"id":{"S":"1"}}}', prepared.body)
    local authorization
    for name, value in pairs(prepared.headers) do
      if name:lower() == "authorization" then authorization = value end
    end
    assert.matches("^AWS4%-HMAC%-SHA256 Credential=AKIDTEST/", authorization)
  end)

  it("checks the input as a call does", function()
    local err = failure(function() offline("dynamodb"):prepare("get_item", { TableName = 1 }) end)
    assert.are.equal("input", err.kind)
  end)

  it("puts the bucket where the endpoint has it", function()
    local input = { Bucket = "logs", Key = "a/b c" }
    assert.are.equal("http://127.0.0.1:9/logs/a/b%20c",
      offline("s3"):prepare("get_object", input).url)
    local aws = awl.client("s3", { region = "eu-west-1",
      credentials = { access_key_id = "aaa", secret_access_key = "bbb" } })
    assert.are.equal("https://logs.s3.eu-west-1.amazonaws.com/a/b%20c",
      aws:prepare("get_object", input).url)
  end)

  it("does not sign for anonymous credentials", function()
    local prepared = offline("s3", { credentials = false }):prepare("list_buckets", {})
    for name in pairs(prepared.headers) do assert.are_not.equal("authorization", name:lower()) end
  end)
end)

describe("a proxy's URL that is none", function()
  it("is told of once, without its password", function()
    for _, url in ipairs { "u:hidden@@127.0.0.1", "ht tp://u:hidden@", "socks9://u:hidden@127.0.0.1:1",
                           "http://u:hidden@127.0.0.1:99999/x y" } do
      local client = offline("sts", { proxy = url })
      local err = failure(client.get_caller_identity, client)
      assert.are.equal("InvalidProxy", err.code)
      assert.are.equal(1, err.attempts)
      assert.is_nil(tostring(err):find "hidden")
    end
  end)
end)

describe("requests to https that a proxy could look into", function()
  it("are refused", function()
    local err = failure(offline, "sts", { proxy_use_forwarding_for_https = true })
    assert.matches("proxy_use_forwarding_for_https is not supported", tostring(err))
    offline("sts", { proxy_use_forwarding_for_https = false })
  end)
end)
