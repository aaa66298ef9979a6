local awl = require "awl"
local task = require "awl.core.task"

local STREAM = { ["content-type"] = "application/vnd.amazon.eventstream" }

-- A message of the type "event" with an :event-type that no model has, "NewThing".
local UNKNOWN = awl.base64.decode(
  "AAAAPwAAAC0DjKxLDTptZXNzYWdlLXR5cGUHAAVldm" ..
  "VudAs6ZXZlbnQtdHlwZQcACE5ld1RoaW5ne31e1O6N")

local function collect(stream)
  local events = {}
  for event in stream:events() do events[#events + 1] = event end
  return events
end

describe("an event stream", function()
  it("gives its events one after the other", function(t)
    local fake = t:fake_service { { output = { Payload = {
      { Records = { Payload = "a,b\n" } }, { Cont = {} },
      { Stats = { Details = { BytesScanned = 3, BytesReturned = 4 } } }, { End = {} },
    } } } }
    local output = fake:client("s3"):select_object_content {
      Bucket = "b", Key = "k", Expression = "SELECT 1", ExpressionType = "SQL",
      InputSerialization = {}, OutputSerialization = {},
    }
    assert.are.same({
      { Records = { Payload = "a,b\n" } }, { Cont = {} },
      { Stats = { Details = { BytesScanned = 3, BytesReturned = 4 } } }, { End = {} },
    }, collect(output.Payload))
    assert.is_nil(output.Payload())
    assert.are.equal(200, output.ResponseMetadata.HTTPStatusCode)
  end)

  it("can be called like a function", function(t)
    local fake = t:fake_service { { output = { body = {
      { chunk = { bytes = "one" } }, { chunk = { bytes = "two" } },
    }, contentType = "application/json" } } }
    local output = fake:client("bedrock-runtime"):invoke_model_with_response_stream {
      modelId = "m", body = "{}",
    }
    local text = ""
    for event in output.body do text = text .. event.chunk.bytes end
    assert.are.equal("onetwo", text)
    assert.are.equal("application/json", output.contentType)
  end)

  it("of a protocol in JSON begins with a message of its own", function(t)
    local fake = t:fake_service {
      { output = { EventStream = {
        { SubscribeToShardEvent = {
          Records = { { Data = "x", PartitionKey = "p", SequenceNumber = "1" } },
          ContinuationSequenceNumber = "2", MillisBehindLatest = 0,
        } },
      } } },
      { output = { responseStream = {
        { sessionStart = { requestId = "r", sessionId = "s" } },
        { sessionUpdate = { sessionResults = { { message = "hello", timestamp = 12 } } } },
      } } },
    }
    local kinesis = fake:client "kinesis"
    local output = kinesis:subscribe_to_shard {
      ConsumerARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s/consumer/c:1", ShardId = "0",
      StartingPosition = { Type = "LATEST" },
    }
    local events = collect(output.EventStream)
    assert.are.equal("x", events[1].SubscribeToShardEvent.Records[1].Data)
    assert.are.equal(1, #events)
    output = fake:client("logs", { disable_host_prefix_injection = true }):start_live_tail {
      logGroupIdentifiers = { "arn:aws:logs:us-east-1:1:log-group:g" },
    }
    events = collect(output.responseStream)
    assert.are.equal("s", events[1].sessionStart.sessionId)
    assert.are.equal("hello", events[2].sessionUpdate.sessionResults[1].message)
  end)

  it("raises the exception that it ends with", function(t)
    local fake = t:fake_service { { output = { body = {
      { chunk = { bytes = "one" } }, { throttlingException = { message = "too fast" } },
    }, contentType = "x" } } }
    local output = fake:client("bedrock-runtime"):invoke_model_with_response_stream {
      modelId = "m", body = "{}",
    }
    local stream = output.body
    assert.are.equal("one", stream().chunk.bytes)
    local ok, err = pcall(stream)
    assert.is_false(ok)
    assert.are.equal("service", err.kind)
    assert.are.equal("ThrottlingException", err.code)
    assert.are.equal("too fast", err.message)
    assert.are.equal("InvokeModelWithResponseStream", err.operation)
    assert.are.equal("FAKE-REQUEST", err.request_id)
    assert.is_true(err.throttled)
    assert.is_nil(stream())
  end)

  it("that breaks off within a message is an error, after its whole messages", function(t)
    local fake
    fake = t:fake_service(function(request)
      local frame = fake.wire:frame(request.operation, { PayloadChunk = { Payload = "a" } })
      return { status = 200, headers = STREAM, body = frame .. frame:sub(1, -2) }
    end)
    local output = fake:client("lambda"):invoke_with_response_stream { FunctionName = "f" }
    local stream = output.EventStream
    assert.are.equal("a", stream().PayloadChunk.Payload)
    local ok, err = pcall(stream)
    assert.is_false(ok)
    assert.are.equal("IncompleteBody", err.code)
    assert.are.equal("InvokeWithResponseStream", err.operation)
    assert.is_nil(stream())
  end)

  it("whose connection breaks is an error", function(t)
    local fake
    fake = t:fake_service(function(request)
      return {
        status = 200, headers = STREAM, cut = true,
        body = fake.wire:frame(request.operation, { PayloadChunk = { Payload = "a" } }),
      }
    end)
    local output = fake:client("lambda"):invoke_with_response_stream { FunctionName = "f" }
    assert.are.equal("a", output.EventStream().PayloadChunk.Payload)
    local ok, err = pcall(output.EventStream)
    assert.is_false(ok)
    assert.are.equal("transport", err.kind)
  end)

  it("with a damaged message is an error", function(t)
    local fake
    fake = t:fake_service(function(request)
      local frame = fake.wire:frame(request.operation, { PayloadChunk = { Payload = "a" } })
      return { status = 200, headers = STREAM, body = frame:sub(1, -2) .. "\0" }
    end)
    local output = fake:client("lambda"):invoke_with_response_stream { FunctionName = "f" }
    local ok, err = pcall(output.EventStream)
    assert.is_false(ok)
    assert.are.equal("ResponseParserError", err.code)
  end)

  it("is read as it comes, and closes its connection when the loop is left", function(t)
    local fake, gone
    local written = task.channel(10)
    fake = t:fake_service(function(request, exchange)
      exchange:begin { status = 200, headers = STREAM }
      local frame = fake.wire:frame(request.operation, { PayloadChunk = { Payload = "a" } })
      while not exchange:closed() do
        exchange:write(frame)
        task.sleep(0.1)
      end
      gone = true
      written:send(true)
    end)
    local output = fake:client("lambda"):invoke_with_response_stream { FunctionName = "f" }
    local count = 0
    for event in output.EventStream:events() do
      assert.are.equal("a", event.PayloadChunk.Payload)
      count = count + 1
      if count == 3 then break end
    end
    written:receive()
    assert.is_true(gone)
    assert.is_nil(output.EventStream())
    assert.are.equal("event stream of lambda:InvokeWithResponseStream (closed)",
      tostring(output.EventStream))
  end)

  it("may last as long as events come, and ends when they stay away", function(t)
    local fake
    fake = t:fake_service(function(request, exchange)
      exchange:begin { status = 200, headers = STREAM }
      local frame = fake.wire:frame(request.operation, { PayloadChunk = { Payload = "a" } })
      for _ = 1, 20 do
        exchange:write(frame)
        task.sleep(50)
      end
      task.sleep(1000)
    end)
    local output = fake:client("lambda"):invoke_with_response_stream(
      { FunctionName = "f" }, { read_timeout = 60 })
    local started, count = t.clock:now(), 0
    local ok, err = pcall(function()
      for _ in output.EventStream:events() do count = count + 1 end
    end)
    assert.is_false(ok)
    assert.are.equal(20, count)
    assert.are.equal("ReadTimeout", err.code)
    assert.is_true(t.clock:now() - started > 950)
  end)

  it("passes over events that the model does not have", function(t)
    local fake
    fake = t:fake_service(function(request)
      local frame = fake.wire:frame(request.operation, { PayloadChunk = { Payload = "a" } })
      return { status = 200, headers = STREAM, body = UNKNOWN .. frame .. UNKNOWN }
    end)
    local output = fake:client("lambda"):invoke_with_response_stream { FunctionName = "f" }
    assert.are.same({ { PayloadChunk = { Payload = "a" } } }, collect(output.EventStream))
  end)

  it("is not begun by an answer that is an error", function(t)
    local fake = t:fake_service { { code = "ResourceNotFoundException", message = "no f", status = 404 } }
    local lambda = fake:client "lambda"
    local ok, err = pcall(lambda.invoke_with_response_stream, lambda, { FunctionName = "f" })
    assert.is_false(ok)
    assert.are.equal("ResourceNotFoundException", err.code)
    assert.are.equal("no f", err.message)
  end)
end)

describe("a stream of events to send", function()
  local client_options = { max_attempts = 3 }

  local function start(fake, input)
    local client = fake:client("lexv2-runtime", client_options)
    local all = { botId = "BOT4567890", botAliasId = "ALIAS67890", localeId = "en_US", sessionId = "01" }
    for key, value in pairs(input) do all[key] = value end
    return client:start_conversation(all)
  end

  --- The inputs that the fake service has got, and its answers.
  local function lex(t, answers)
    local fake, inputs = nil, {}
    fake = t:fake_service(function(request, exchange)
      inputs[#inputs + 1] = fake.wire:read_input(request.operation, exchange).requestEventStream
      return table.remove(answers, 1) or { output = { responseEventStream = {
        { HeartbeatEvent = { eventId = "01" } },
      } } }
    end)
    return fake, inputs
  end

  local TEXT = { { TextInputEvent = { text = "hi" } }, { DisconnectionEvent = {} } }

  it("is signed event by event", function(t)
    local fake, inputs = lex(t, {})
    local output = start(fake, { requestEventStream = TEXT })
    assert.are.same({ { HeartbeatEvent = { eventId = "01" } } }, collect(output.responseEventStream))
    assert.are.same({ TEXT }, inputs)
    local headers = fake.seen[1].headers
    assert.are.equal("STREAMING-AWS4-HMAC-SHA256-EVENTS", headers["x-amz-content-sha256"])
    assert.are.equal("application/vnd.amazon.eventstream", headers["content-type"])
    local _, signatures = fake.seen[1].body:gsub(":chunk%-signature", "")
    assert.are.equal(3, signatures) -- of the events and of the end
  end)

  it("may come from a function", function(t)
    local fake, inputs = lex(t, {})
    local i = 0
    local output = start(fake, { requestEventStream = function()
      task.sleep(10)
      i = i + 1
      return TEXT[i]
    end })
    collect(output.responseEventStream)
    assert.are.same({ TEXT }, inputs)
  end)

  it("may come from a channel", function(t)
    local fake, inputs = lex(t, {})
    local channel = task.channel(10)
    for _, event in ipairs(TEXT) do channel:send(event) end
    channel:close()
    collect(start(fake, { requestEventStream = channel }).responseEventStream)
    assert.are.same({ TEXT }, inputs)
  end)

  it("that is a list is sent again when the service asks for it", function(t)
    local fake, inputs = lex(t, { { code = "ThrottlingException", message = "slow", status = 429 } })
    collect(start(fake, { requestEventStream = TEXT }).responseEventStream)
    assert.are.same({ TEXT, TEXT }, inputs)
  end)

  it("that a function gave is not sent again", function(t)
    local fake = lex(t, { { code = "ThrottlingException", message = "slow", status = 429 } })
    local i = 0
    local ok, err = pcall(start, fake, { requestEventStream = function()
      i = i + 1
      return TEXT[i]
    end })
    assert.is_false(ok)
    assert.are.equal("ThrottlingException", err.code)
    assert.are.equal(1, fake.requests)
  end)

  it("makes the call fail with what its function raises", function(t)
    local fake = lex(t, {})
    local ok, err = pcall(start, fake, { requestEventStream = function() error "no microphone" end })
    assert.is_false(ok)
    assert.is_truthy(tostring(err):find("no microphone", 1, true))
  end)

  it("names what is wrong with an event", function(t)
    local fake = lex(t, {})
    local ok, err = pcall(start, fake, { requestEventStream = { { TextInputEvent = { txt = "hi" } } } })
    assert.is_false(ok)
    assert.are.equal("input", err.kind)
    assert.is_truthy(err.message:find("TextInputEvent.txt: no such member", 1, true))
  end)

  it("ends with a call that is canceled", function(t)
    local fake = lex(t, { { hold = true } })
    local stopped
    local call = awl.spawn(function()
      start(fake, { requestEventStream = function()
        local _ <close> = setmetatable({}, { __close = function() stopped = true end })
        task.sleep(1e5)
      end })
    end)
    task.sleep(5)
    call:cancel()
    pcall(call.await, call)
    task.sleep(1)
    assert.is_true(stopped)
  end)
end)
