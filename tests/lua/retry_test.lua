-- Which calls are sent again, when, and which never are.
local awl = require "awl"

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local function item() return { TableName = "t", Key = { id = { S = "1" } } } end

describe("a retry", function()
  it("follows a 503, a throttling error and a closed connection", function(t)
    for i, first in ipairs { { status = 503 }, { status = 500 }, { status = 502 },
                             { status = 504 }, { status = 429 },
                             { code = "ThrottlingException", status = 400 },
                             { code = "ProvisionedThroughputExceededException", status = 400 },
                             { close = true }, { reset = true } } do
      local fake = t:fake_service { first, { output = {} } }
      local output = fake:client("dynamodb"):get_item(item())
      assert.are.equal(2, fake.requests, i)
      assert.are.equal(1, output.ResponseMetadata.RetryAttempts)
      assert.are.equal(i, #t.clock:slept())
      fake:close()
    end
  end)

  it("waits a random part of a delay that doubles", function(t)
    local fake = t:fake_service { { status = 503 }, { status = 503 }, { status = 503 },
                                  { status = 503 }, { output = {} } }
    fake:client("dynamodb", { max_attempts = 5 }):list_tables()
    local slept = t.clock:slept()
    assert.are.equal(4, #slept)
    for i, seconds in ipairs(slept) do
      assert.is_true(seconds >= 0 and seconds <= 2 ^ (i - 1), seconds)
    end
  end)

  it("is not made for an error that will stay", function(t)
    local fake = t:fake_service { { code = "ValidationException", status = 400, message = "no" } }
    local err = failure(function() fake:client("dynamodb"):get_item(item()) end)
    assert.are.equal("ValidationException", err.code)
    assert.are.equal(1, fake.requests)
    assert.is_false(err.retryable)
    assert.are.equal(1, err.attempts)
    assert.are.same({}, t.clock:slept())
  end)

  it("ends after three attempts", function(t)
    local fake = t:fake_service { { status = 503 }, { status = 503 }, { status = 503 } }
    local err = failure(function() fake:client("dynamodb"):list_tables() end)
    assert.are.equal(3, fake.requests)
    assert.are.equal(3, err.attempts)
    assert.are.equal(503, err.status)
    assert.is_true(err.retryable)
  end)

  it("ends after as many attempts as the client or the call says", function(t)
    local fake = t:fake_service(function() return { status = 503 } end)
    failure(function() fake:client("dynamodb", { max_attempts = 2 }):list_tables() end)
    assert.are.equal(2, fake.requests)
    failure(function() fake:client("dynamodb"):list_tables({}, { max_attempts = 1 }) end)
    assert.are.equal(3, fake.requests)
  end)

  it("is signed anew and keeps the call's id", function(t)
    local fake = t:fake_service { { status = 503, delay = 5 }, { output = {} } }
    fake:client("dynamodb"):list_tables()
    local a, b = fake.seen[1].headers, fake.seen[2].headers
    assert.are.equal(a["amz-sdk-invocation-id"], b["amz-sdk-invocation-id"])
    assert.are.equal("attempt=1; max=3", a["amz-sdk-request"])
    -- The fake's clock is the test's, 5 s later than at the start; 60 s to read.
    assert.are.equal("ttl=20260101T000105Z; attempt=2; max=3", b["amz-sdk-request"])
    assert.are_not.equal(a["x-amz-date"], b["x-amz-date"])
    assert.are_not.equal(a.authorization, b.authorization)
  end)

  it("keeps the idempotency token of the first attempt", function(t)
    local fake = t:fake_service { { status = 503 }, { output = { LaunchTemplate = {} } } }
    fake:client("ec2"):create_launch_template { LaunchTemplateName = "ttt",
                                                LaunchTemplateData = {} }
    local first = fake.seen[1].body:match "ClientToken=([%x%-]+)"
    assert.are.equal(36, #first)
    assert.are.equal(first, fake.seen[2].body:match "ClientToken=([%x%-]+)")
  end)

  it("is refused once the quota is used up", function(t)
    local fake = t:fake_service(function() return { status = 503 } end)
    local dynamodb = fake:client("dynamodb", { region = "ap-south-1", max_attempts = 1000 })
    local err = failure(function() dynamodb:list_tables() end)
    assert.are.equal(101, fake.requests) -- 500 tokens, 5 for each
    assert.is_true(err.retry_quota_reached)
    assert.are.equal(503, err.status)
  end)

  it("finds a quota of its own in another region", function(t)
    local fake = t:fake_service(function() return { status = 503 } end)
    failure(function()
      fake:client("dynamodb", { region = "ap-south-2", max_attempts = 1000 }):list_tables()
    end)
    local before = fake.requests
    failure(function() fake:client("dynamodb", { region = "ap-east-1" }):list_tables() end)
    assert.are.equal(before + 3, fake.requests)
  end)
end)

describe("a call that must not be made twice", function()
  it("arrives once when its connection is closed after it was sent", function(t)
    for _, answer in ipairs { { close = true }, { reset = true } } do
      local fake = t:fake_service { answer }
      local err = failure(function()
        fake:client("sqs"):send_message { QueueUrl = fake.url .. "/1/q", MessageBody = "pay" }
      end)
      assert.are.equal(1, fake.requests)
      assert.are.equal("transport", err.kind)
      assert.is_true(err.unknown_outcome)
      assert.are.equal(1, err.attempts)
      assert.matches("may have been carried out", err.message)
      fake:close()
    end
  end)

  it("arrives once on a connection that had been used before", function(t)
    local fake = t:fake_service { { output = {} }, { output = {} }, { close = true } }
    local lambda = fake:client "lambda"
    lambda:list_functions()
    lambda:list_functions()
    local err = failure(function() lambda:invoke { FunctionName = "f", Payload = "{}" } end)
    assert.are.equal(3, fake.requests)
    assert.is_true(err.unknown_outcome)
  end)

  it("arrives once when its answer does not come in time", function(t)
    local fake = t:fake_service { { hold = true } }
    local err = failure(function()
      fake:client("lambda"):invoke({ FunctionName = "f" }, { read_timeout = 5 })
    end)
    assert.are.equal(1, fake.requests)
    assert.are.equal("timeout", err.kind)
    assert.is_true(err.unknown_outcome)
  end)

  it("is made again when the service says that it did nothing", function(t)
    local fake = t:fake_service { { code = "TooManyRequestsException", status = 429 },
                                  { status = 200, body = "7" } }
    local output = fake:client("lambda"):invoke { FunctionName = "f" }
    assert.are.equal("7", type(output.Payload) == "string" and output.Payload
      or output.Payload:read())
    assert.are.equal(2, fake.requests)
  end)

  it("is made again when no connection could be had", function()
    local lambda = awl.client("lambda", {
      endpoint_url = "http://127.0.0.1:1", region = "eu-west-1", max_attempts = 2,
      credentials = { access_key_id = "a", secret_access_key = "b" } })
    local err = failure(function()
      awl.timeout(30, lambda.invoke, lambda, { FunctionName = "f" })
    end)
    assert.are.equal("ConnectionRefused", err.code)
    assert.are.equal(2, err.attempts)
    assert.is_nil(err.unknown_outcome)
  end)
end)

describe("a call that only reads", function()
  it("is made again when its connection is closed after it was sent", function(t)
    local fake = t:fake_service { { output = {} }, { reset = true },
                                  { output = {} } }
    local lambda = fake:client "lambda"
    lambda:list_functions()
    lambda:list_functions()
    assert.are.equal(3, fake.requests)
  end)
end)

describe("expired credentials", function()
  local function with_refresh(fake, refreshes)
    local core = require "awl.core.client"
    local slot
    slot = core.credentials(function(same)
      refreshes.count = refreshes.count + 1
      core.set_credentials(same, { access_key_id = "AKID" .. refreshes.count,
                                   secret_access_key = "s" })
    end)
    fake:speak "dynamodb"
    return core.new { service = "dynamodb", region = "us-east-1", endpoint_url = fake.url,
                      credentials = slot, given = {} }
  end

  it("are refreshed once when the service calls them expired", function(t)
    local refreshes = { count = 0 }
    local fake = t:fake_service { { code = "ExpiredTokenException", status = 400 },
                                  { output = {} } }
    with_refresh(fake, refreshes):list_tables()
    assert.are.equal(2, refreshes.count)
    assert.matches("Credential=AKID1/", fake.seen[1].headers.authorization)
    assert.matches("Credential=AKID2/", fake.seen[2].headers.authorization)
  end)

  it("are an error when the new ones are called expired too", function(t)
    local refreshes = { count = 0 }
    local fake = t:fake_service(function()
      return { code = "ExpiredTokenException", status = 400 }
    end)
    local err = failure(function() with_refresh(fake, refreshes):list_tables() end)
    assert.are.equal("ExpiredTokenException", err.code)
    assert.are.equal(2, fake.requests)
  end)

  it("are refreshed when their time has come", function(t)
    local core = require "awl.core.client"
    local count = 0
    local fake = t:fake_service(function() return { output = {} } end)
    fake:speak "dynamodb"
    local slot = core.credentials(function(same)
      count = count + 1
      core.set_credentials(same, { access_key_id = "A", secret_access_key = "s",
                                   expiration = t.clock:now() + 3600 })
    end)
    local client = core.new { service = "dynamodb", region = "us-east-1",
                              endpoint_url = fake.url, credentials = slot, given = {} }
    client:list_tables()
    client:list_tables()
    assert.are.equal(1, count)
    t.clock:advance(3601)
    client:list_tables()
    assert.are.equal(2, count)
  end)
end)

describe("the mode of retries", function()
  it("is an option of the client, with the number of attempts", function(t)
    local fake = t:fake_service(function() return { status = 503 } end)
    failure(function()
      fake:client("dynamodb", { retries = { mode = "standard", max_attempts = 2 } }):list_tables()
    end)
    assert.are.equal(2, fake.requests)
    for _, wrong in ipairs { { retries = { mode = "fast" } }, { retries = { attempts = 1 } },
                             { retries = 3 }, { retries = { max_attempts = "x" } } } do
      local err = failure(function() fake:client("dynamodb", wrong) end)
      assert.are.equal("config", err.kind)
    end
  end)

  it("adaptive sends slower once the service has throttled", function(t)
    local fake = t:fake_service(function(request)
      if #t.clock:slept() == 0 and request.headers["amz-sdk-request"]:match "^attempt=1" then
        return { code = "ThrottlingException", status = 400 }
      end
      return { output = {} }
    end)
    local dynamodb = fake:client("dynamodb", { region = "me-south-1",
                                               retries = { mode = "adaptive" } })
    local started = t.clock:now()
    dynamodb:list_tables() -- throttled once, then half a call a second
    assert.are.equal(2, fake.requests)
    assert.is_true(t.clock:now() - started >= 2)
    -- Waiting for a turn is no time of the call's.
    dynamodb:list_tables({}, { timeout = 0.5 })
    assert.is_true(t.clock:now() - started >= 2.5)
    local other = fake:client("dynamodb", { region = "me-south-1" })
    started = t.clock:now()
    for _ = 1, 20 do other:list_tables() end
    assert.are.equal(started, t.clock:now())
  end)

  it("adaptive lets a task that waits for its turn be canceled", function(t)
    local fake = t:fake_service { { code = "ThrottlingException", status = 400 } }
    local dynamodb = fake:client("dynamodb", { region = "me-south-2",
      retries = { mode = "adaptive", max_attempts = 1 } })
    pcall(dynamodb.list_tables, dynamodb)
    local err = failure(awl.timeout, 1, dynamodb.list_tables, dynamodb)
    assert.are.equal("Timeout", err.code)
    assert.are.equal(1, fake.requests)
  end)
end)

describe("a clock that is wrong", function()
  local function skewed(t, seconds, code)
    local time = require "awl.time"
    return t:fake_service(function(request)
      local y, m, d, h, min, s = request.headers["x-amz-date"]:match "(%d%d%d%d)(%d%d)(%d%d)T(%d%d)(%d%d)(%d%d)Z"
      local signed = time.parse(("%s-%s-%sT%s:%s:%sZ"):format(y, m, d, h, min, s))
      local now = t.clock:now() + seconds
      if math.abs(signed - now) > 300 then
        return { code = code, status = 403, message = "Signature expired",
                 headers = { Date = os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(now)) } }
      end
      return { output = {} }
    end)
  end

  it("is corrected by what the service says, and stays so for the client", function(t)
    for _, seconds in ipairs { -86400, 3600 } do
      local fake = skewed(t, seconds, "InvalidSignatureException")
      local dynamodb = fake:client("dynamodb", { max_attempts = 1 })
      dynamodb:list_tables()
      assert.are.equal(2, fake.requests)
      dynamodb:list_tables()
      assert.are.equal(3, fake.requests)
      fake:close()
    end
  end)

  it("is not blamed for a signature that is wrong in itself", function(t)
    local fake = t:fake_service(function()
      return { code = "InvalidSignatureException", status = 403 }
    end)
    local err = failure(function() fake:client("dynamodb"):list_tables() end)
    assert.are.equal("InvalidSignatureException", err.code)
    assert.are.equal(1, fake.requests)
  end)

  it("is corrected only once in a call", function(t)
    local hours = 0
    local fake = t:fake_service(function()
      hours = hours + 1
      return { code = "RequestTimeTooSkewed", status = 403, headers = {
        Date = os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(t.clock:now()) + hours * 3600) } }
    end)
    failure(function() fake:client("dynamodb"):list_tables() end)
    assert.are.equal(2, fake.requests)
  end)
end)
