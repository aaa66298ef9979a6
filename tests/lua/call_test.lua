-- One call: what goes out, what comes back, and how it fails.
local awl = require "awl"
local core = require "awl.core.client"

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local function get_item() return { TableName = "ttt", Key = { id = { S = "1" } } } end

describe("an answer whose head is too large", function()
  local function refused(t, headers)
    local fake = t:fake_service(function() return { status = 200, headers = headers, body = "{}" } end)
    local err = failure(function() fake:client("dynamodb"):list_tables() end)
    assert.are.equal("TooLarge", err.code)
    assert.are.equal("transport", err.kind)
    assert.is_false(err.retryable)
    assert.are.equal(1, fake.requests)
  end

  it("is refused and not asked for again", function(t)
    local headers = {}
    for i = 1, 400 do headers["X-" .. i] = ("x"):rep(1000) end
    refused(t, headers)
  end)

  it("is refused for a single field", function(t)
    refused(t, { ["X-Long"] = ("x"):rep(150000) })
  end)
end)

describe("an input", function()
  local function problem(service, operation, input)
    local client = awl.client(service, { region = "eu-west-1", endpoint_url = "http://127.0.0.1:9",
      credentials = { access_key_id = "a", secret_access_key = "b" } })
    local err = failure(client[operation], client, input)
    assert.are.equal("input", err.kind)
    return err.message
  end

  it("is refused with the path of what is wrong, counted from 1", function()
    assert.matches("Tags%[1%]%.Key: expected .*string, got .*number",
      problem("dynamodb", "tag_resource",
        { ResourceArn = "arn:aws:dynamodb:eu-west-1:1:table/t", Tags = { { Key = 5, Value = "" } } }))
  end)

  it("is refused when a member is missing or not known", function()
    assert.matches("TableName", problem("dynamodb", "get_item", { Key = { id = { S = "1" } } }))
    assert.matches("TableNam: no such member.*'TableName'",
      problem("dynamodb", "get_item", { TableNam = "ttt", Key = {} }))
  end)

  it("is refused with the operation's name where it cannot be sent", function()
    assert.are.equal("invalid input of s3:PutObject: a streaming body must be a string, a file or "
      .. "a function, not a table", problem("s3", "put_object", { Bucket = "b", Key = "k", Body = {} }))
    assert.are.equal("invalid input of s3:PutObject: checksum algorithm 'ABC' is not known: give "
      .. "the checksum's value",
      problem("s3", "put_object", { Bucket = "b", Key = "k", Body = "x", ChecksumAlgorithm = "ABC" }))
  end)

  it("is refused when it is not a table", function()
    assert.matches("table", problem("dynamodb", "get_item", "ttt"))
  end)

  it("may be left out where nothing is required", function(t)
    local fake = t:fake_service { { output = { TableNames = {} } } }
    fake:client("dynamodb"):list_tables()
    assert.are.equal("{}", fake.seen[1].body)
  end)

  it("is not changed by the call", function(t)
    local fake = t:fake_service { { output = { LaunchTemplate = {} } } }
    local input = { LaunchTemplateName = "ttt", LaunchTemplateData = {} }
    fake:client("ec2"):create_launch_template(input, { idempotency_token = "mine" })
    assert.are.same({ LaunchTemplateName = "ttt", LaunchTemplateData = {} }, input)
    assert.matches("ClientToken=mine", fake.seen[1].body)
  end)
end)

describe("a call's options", function()
  local function refused(options, operation)
    local client = awl.client("dynamodb", { region = "eu-west-1",
      endpoint_url = "http://127.0.0.1:9",
      credentials = { access_key_id = "a", secret_access_key = "b" } })
    local err = failure(client[operation or "list_tables"], client, {}, options)
    assert.are.equal("input", err.kind)
    return err.message
  end

  it("are refused when they are not known or out of range", function()
    assert.matches("unknown call option 'timout'; there are timeout", refused { timout = 1 })
    assert.matches("'timeout' must be a positive number", refused { timeout = 0 })
    assert.matches("'timeout' must be a positive number", refused { timeout = "soon" })
    assert.matches("'read_timeout' must be a positive", refused { read_timeout = -1 })
    assert.matches("'max_attempts' must be between", refused { max_attempts = 0 })
    assert.matches("'headers' must be a table", refused { headers = "a: b" })
    assert.matches("must be a table, not a number", refused(5))
    assert.matches("have names", refused { 5 })
    assert.matches("ListTables takes no idempotency token", refused { idempotency_token = "x" })
  end)

  it("add headers, which are signed", function(t)
    local fake = t:fake_service { { output = {} } }
    fake:client("dynamodb"):list_tables({}, { headers = { ["X-Mine"] = "yes" } })
    assert.are.equal("yes", fake.seen[1].headers["x-mine"])
    assert.matches("SignedHeaders=[^,]*x%-mine", fake.seen[1].headers.authorization)
  end)

  it("refuse a header that would break the request", function()
    assert.matches("cannot be sent", refused { headers = { ["X-Mine"] = "a\r\nHost: evil" } })
  end)

  it("limit the whole call, its retries too", function(t)
    local fake = t:fake_service(function() return { status = 503, delay = 4 } end)
    local started = t.clock:now()
    local err = failure(function()
      fake:client("dynamodb", { max_attempts = 50 }):list_tables({}, { timeout = 10 })
    end)
    assert.is_true(t.clock:now() - started <= 10.01, t.clock:now() - started)
    assert.is_true(fake.requests >= 2 and fake.requests <= 3)
    assert.is_true(err.attempts >= 2)
  end)

  it("limit how long the service may be silent", function(t)
    local fake = t:fake_service(function() return { hold = true } end)
    local err = failure(function()
      fake:client("dynamodb"):list_tables({}, { read_timeout = 7, max_attempts = 1 })
    end)
    assert.are.equal("timeout", err.kind)
    assert.are.equal("ReadTimeout", err.code)
    assert.matches("in 7 s", err.message)
    assert.is_true(err.retryable)
  end)
end)

describe("an output", function()
  it("comes with what boto3 tells about the answer", function(t)
    local fake = t:fake_service { { status = 200, body = "{}", headers = {
      ["x-amzn-RequestId"] = "R1", ["x-amz-id-2"] = "H1", ["X-Twice"] = { "a", "b" } } } }
    local metadata = fake:client("dynamodb"):list_tables().ResponseMetadata
    assert.are.equal(200, metadata.HTTPStatusCode)
    assert.are.equal("R1", metadata.RequestId)
    assert.are.equal("H1", metadata.HostId)
    assert.are.equal(0, metadata.RetryAttempts)
    assert.are.equal("a, b", metadata.HTTPHeaders["x-twice"])
  end)

  it("keeps integers whole and absent members nil", function(t)
    local fake = t:fake_service { { output = { Table = { ItemCount = 9007199254740993,
      CreationDateTime = 1767225600.5 } } } }
    local described = fake:client("dynamodb"):describe_table { TableName = "ttt" }.Table
    assert.are.equal("integer", math.type(described.ItemCount))
    assert.are.equal(9007199254740993, described.ItemCount)
    assert.are.equal(1767225600.5, described.CreationDateTime)
    assert.is_nil(described.TableName)
  end)

  it("that is not what the model says is an error of the service", function(t)
    for _, body in ipairs { "<html>", '{"TableNames":', '{"TableNames":5}' } do
      local fake = t:fake_service { { status = 200, body = body } }
      local err = failure(function() fake:client("dynamodb"):list_tables() end)
      assert.are.equal("ResponseParserError", err.code, body)
      assert.are.equal("ListTables", err.operation)
      assert.are.equal(1, fake.requests)
      fake:close()
    end
  end)

  it("that is a web page is told to be one", function(t)
    local fake = t:fake_service { { status = 200, body = "<html>",
      headers = { ["content-type"] = "text/html; charset=utf-8" } } }
    local err = failure(function() fake:client("dynamodb"):list_tables() end)
    assert.matches("but a web page (check the endpoint and the proxy): ", err.message, 1, true)
  end)
end)

describe("a service's error", function()
  it("tells all that there is to know", function(t)
    local fake = t:fake_service { { code = "ConditionalCheckFailedException", status = 400,
      message = "the condition failed", members = { Item = { id = { S = "1" } } } } }
    local err = failure(function() fake:client("dynamodb"):get_item(get_item()) end)
    assert.are.equal("service", err.kind)
    assert.are.equal("ConditionalCheckFailedException", err.code)
    assert.are.equal("the condition failed", err.message)
    assert.are.equal("dynamodb", err.service)
    assert.are.equal("GetItem", err.operation)
    assert.are.equal("us-east-1", err.region)
    assert.are.equal(400, err.status)
    assert.are.equal("FAKE-REQUEST", err.request_id)
    assert.are.equal(1, err.attempts)
    assert.is_false(err.retryable)
    assert.is_false(err.throttled)
    assert.is_nil(err.unknown_outcome)
  end)

  it("has the members that the model gives it", function(t)
    local fake = t:fake_service { { code = "ConditionalCheckFailedException", status = 400,
      message = "no", members = { Item = { id = { S = "1" } } } } }
    local err = failure(function()
      fake:client("dynamodb"):put_item { TableName = "ttt", Item = { id = { S = "1" } } }
    end)
    assert.are.same({ id = { S = "1" } }, err.Item)
  end)

  it("is one line as text", function(t)
    local fake = t:fake_service { { code = "AccessDeniedException", status = 400,
                                    message = "not for you" } }
    local err = failure(function() fake:client("dynamodb"):get_item(get_item()) end)
    assert.are.equal("AccessDeniedException on dynamodb:GetItem in us-east-1: not for you " ..
      "(request FAKE-REQUEST, 1 attempt)", tostring(err))
  end)

  it("is told by its code, also with a star", function(t)
    local fake = t:fake_service { { code = "ThrottlingException", status = 400 } }
    local err = failure(function()
      fake:client("dynamodb"):get_item(get_item(), { max_attempts = 1 })
    end)
    assert.is_true(err:is "Throttling*")
    assert.is_true(err:is("Other", "ThrottlingException"))
    assert.is_false(err:is "Throttling")
    assert.is_true(err.throttled)
    assert.is_true(err.retryable)
  end)

  it("is returned by awl.try if it was expected", function(t)
    local fake = t:fake_service(function()
      return { code = "ResourceNotFoundException", status = 400 }
    end)
    local dynamodb = fake:client "dynamodb"
    local output, err = awl.try("ResourceNotFound*", dynamodb.get_item, dynamodb, get_item())
    assert.is_nil(output)
    assert.are.equal("ResourceNotFoundException", err.code)
    assert.are.equal("ResourceNotFoundException",
      failure(awl.try, "Other", dynamodb.get_item, dynamodb, get_item()).code)
  end)

  it("without a body is known by its status", function(t)
    local fake = t:fake_service { { status = 404 } }
    local err = failure(function() fake:client("s3"):head_object { Bucket = "bbb", Key = "k" } end)
    assert.are.equal(404, err.status)
    assert.are.equal("404", err.code)
  end)

  it("may come from S3 with status 200", function(t)
    local body = "<?xml version='1.0'?>\n<Error><Code>InternalError</Code>" ..
      "<Message>try again</Message></Error>"
    local fake = t:fake_service { { status = 200, body = body }, { status = 200, body =
      "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>" } }
    local output = fake:client("s3"):copy_object { Bucket = "bbb", Key = "k", CopySource = "c/d" }
    assert.are.equal("e", output.CopyObjectResult.ETag)
    assert.are.equal(2, fake.requests)
  end)
end)

describe("a cancellation", function()
  local function canceled_at(t, script, when)
    local fake = t:fake_service(script)
    local started = fake:client("dynamodb"):start("list_tables", {})
    when(fake, t)
    started:cancel()
    local err = failure(started.await, started)
    assert.are.equal("TaskCanceled", err.code)
    return fake
  end

  it("ends a call that waits for its answer", function(t)
    local gone
    local fake = canceled_at(t, { function(_, exchange)
      while not exchange:closed() do awl.sleep(0.1) end
      gone = true
    end }, function(fake) fake:wait(1) end)
    awl.sleep(10)
    assert.is_true(gone)
    assert.are.equal(1, fake.requests)
  end)

  it("ends a call that has not begun", function(t)
    local fake = canceled_at(t, {}, function() end)
    awl.sleep(10)
    assert.are.equal(0, fake.requests)
  end)

  it("ends a call that waits to be tried again", function(t)
    local attempted = false
    core.set_observer(function() attempted = true end)
    t:finally(function() core.set_observer(nil) end)
    local fake = canceled_at(t, { { status = 503 } }, function()
      while not attempted do awl.sleep(1e-6) end
    end)
    awl.sleep(60)
    assert.are.equal(1, fake.requests)
  end)

  it("leaves the client usable", function(t)
    local fake = t:fake_service { { hold = true }, { output = { TableNames = { "aaa" } } } }
    local dynamodb = fake:client "dynamodb"
    local err = failure(awl.timeout, 5, dynamodb.list_tables, dynamodb, {})
    assert.are.equal("Timeout", err.code)
    assert.are.same({ "aaa" }, dynamodb:list_tables().TableNames)
  end)
end)

describe("a timeout around a call", function()
  it("ends it in time", function(t)
    local fake = t:fake_service { { hold = true } }
    local dynamodb = fake:client "dynamodb"
    local started = t.clock:now()
    failure(awl.timeout, 5, dynamodb.list_tables, dynamodb, {})
    assert.are.equal(5, t.clock:now() - started)
  end)
end)

describe("the gate", function()
  after_each(function() core.set_gate(nil) end)

  it("lets a call go on, answers it or refuses it", function(t)
    local fake = t:fake_service { { output = { TableNames = { "aaa" } } } }
    local dynamodb = fake:client "dynamodb"
    local asked = {}
    core.set_gate(function(client, operation, input, options)
      asked[#asked + 1] = operation
      assert.are.equal(dynamodb, client)
      if operation == "GetItem" then return { answered = input.TableName } end
      if operation == "DeleteTable" then error("refused " .. tostring(options.timeout), 0) end
      return nil
    end)
    assert.are.same({ "aaa" }, dynamodb:list_tables().TableNames)
    assert.are.same({ answered = "ttt" }, dynamodb:get_item(get_item()))
    assert.are.equal("refused 3",
      failure(dynamodb.delete_table, dynamodb, { TableName = "ttt" }, { timeout = 3 }))
    assert.are.same({ "ListTables", "GetItem", "DeleteTable" }, asked)
    assert.are.equal(1, fake.requests)
  end)

  it("may wait", function(t)
    local fake = t:fake_service { { output = {} } }
    core.set_gate(function() awl.sleep(3) end)
    fake:client("dynamodb"):list_tables()
    assert.are.same({ 3 }, t.clock:slept())
  end)
end)

describe("the observer", function()
  after_each(function() core.set_observer(nil) end)

  it("is told of each attempt and of the end", function(t)
    local events = {}
    core.set_observer(function(event) events[#events + 1] = event end)
    local fake = t:fake_service { { code = "SlowDown", status = 503, delay = 2 },
                                  { output = {}, delay = 1 } }
    fake:client("dynamodb"):list_tables()
    assert.are.equal(2, #events)
    assert.are.equal("ListTables", events[1].operation)
    assert.are.equal("dynamodb", events[1].service)
    assert.are.equal(503, events[1].status)
    assert.are.equal("SlowDown", events[1].code)
    assert.are.equal(1, events[1].attempts)
    assert.are.equal(2, events[1].seconds)
    assert.is_false(events[1].ended)
    assert.is_true(events[2].ended)
    assert.are.equal(2, events[2].attempts)
    assert.are.equal(200, events[2].status)
    assert.is_nil(events[2].code)
    assert.is_true(events[2].seconds >= 3)
  end)

  it("is told of calls that are canceled", function(t)
    local events = {}
    core.set_observer(function(event) events[#events + 1] = event end)
    local fake = t:fake_service { { hold = true } }
    local dynamodb = fake:client "dynamodb"
    pcall(awl.timeout, 2, dynamodb.list_tables, dynamodb)
    assert.are.equal(1, #events)
    assert.is_true(events[1].ended)
    assert.are.equal("Canceled", events[1].code)
    assert.are.equal(2, events[1].seconds)
  end)

  it("is told once of a call that a wrong input ends", function(t)
    local events = {}
    core.set_observer(function(event) events[#events + 1] = event end)
    local fake = t:fake_service {}
    pcall(fake:client "dynamodb".get_item, fake:client "dynamodb", { TableName = 1 })
    assert.are.equal(1, #events)
    assert.is_true(events[1].ended)
    assert.are_not.equal("Canceled", events[1].code)
  end)

  it("cannot fail a call", function(t)
    core.set_observer(function() error "mine" end)
    local fake = t:fake_service { { output = { TableNames = {} } } }
    assert.are.same({}, fake:client("dynamodb"):list_tables().TableNames)
  end)
end)
