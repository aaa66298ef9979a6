-- Lambda of the emulator: functions that are Lua files.
local awl = require "awl"

--- Runs fn(invoke, lambda) with the text as the function "f".
local function with_function(t, text, fn, options)
  local path = os.tmpname()
  awl.fs.write_file(path, text)
  options = options or {}
  options.functions = { f = path }
  local emulator <close> = t:emulator(options)
  local lambda = emulator:client "lambda"
  local ok, err = pcall(fn, function(input)
    input.FunctionName = input.FunctionName or "f"
    return lambda:invoke(input)
  end, lambda)
  os.remove(path)
  if not ok then error(err, 0) end
end

local function payload_of(answer) return awl.json.decode(answer.Payload) end

local function log_of(answer) return awl.base64.decode(answer.LogResult) end

describe("a function", function()
  it("gets the event and its result is the payload", function(t)
    with_function(t, [[
      return function(event, context)
        return { sum = event.a + event.b, name = context.function_name }
      end]], function(invoke)
      local answer = invoke { Payload = '{"a":1,"b":2}' }
      assert.are.equal(200, answer.StatusCode)
      assert.is_nil(answer.FunctionError)
      assert.is_nil(answer.LogResult)
      assert.are.same({ sum = 3, name = "f" }, payload_of(answer))
    end)
  end)

  it("has what it prints in its log, between Lambda's own lines", function(t)
    with_function(t, "return function() print('one', 2) end", function(invoke)
      local answer = invoke { LogType = "Tail" }
      assert.are.equal("null", answer.Payload)
      local id = answer.ResponseMetadata.RequestId
      local lines = {}
      for line in log_of(answer):gmatch "[^\n]+" do lines[#lines + 1] = line end
      assert.are.equal(("START RequestId: %s Version: $LATEST"):format(id), lines[1])
      assert.are.equal("one\t2", lines[2])
      assert.are.equal("END RequestId: " .. id, lines[3])
      assert.is_truthy(lines[4]:find("REPORT RequestId: " .. id .. "\tDuration: ", 1, true))
    end)
  end)

  it("has the last 4 KB of a long log in its tail", function(t)
    with_function(t, "return function() for i = 1, 2000 do print('line', i) end end",
      function(invoke)
        local log = log_of(invoke { LogType = "Tail" })
        assert.are.equal(4096, #log)
        assert.is_truthy(log:find("line\t2000\n", 1, true))
        assert.is_nil(log:find("START", 1, true))
      end)
  end)

  it("that raises is an error with type, message and trace", function(t)
    with_function(t, [[
      return function()
        error { errorType = "Odd", errorMessage = "it went wrong" }
      end]], function(invoke)
      local answer = invoke { LogType = "Tail" }
      assert.are.equal(200, answer.StatusCode)
      assert.are.equal("Unhandled", answer.FunctionError)
      local payload = payload_of(answer)
      assert.are.equal("Odd", payload.errorType)
      assert.are.equal("it went wrong", payload.errorMessage)
      assert.is_truthy(payload.stackTrace[1]:find(":2:", 1, true))
      assert.is_truthy(log_of(answer):find("[ERROR] Odd: it went wrong", 1, true))
    end)
  end)

  it("that does not compile is an error too", function(t)
    with_function(t, "return funktion", function(invoke)
      assert.are.equal("Unhandled", invoke({}).FunctionError)
    end)
  end)

  it("keeps nothing from one invocation to the next", function(t)
    with_function(t, "count = (count or 0) + 1 return function() return count end",
      function(invoke)
        assert.are.equal("1", invoke({}).Payload)
        assert.are.equal("1", invoke({}).Payload)
        assert.is_nil(rawget(_G, "count"))
      end)
  end)

  it("draws the same numbers for the same seed and payload", function(t)
    local text = "return function(_, context) return context.random(1000000) end"
    local function draw(seed, payload)
      local drawn
      with_function(t, text, function(invoke)
        drawn = invoke({ Payload = payload }).Payload
      end, { seed = seed })
      return drawn
    end
    assert.are.equal(draw(1, "1"), draw(1, "1"))
    assert.are_not.equal(draw(1, "1"), draw(1, "2"))
    assert.are_not.equal(draw(1, "1"), draw(2, "1"))
  end)

  it("sleeps shorter with a speed, and reports what it would have taken", function(t)
    with_function(t, "return function(_, context) context.sleep(5) end", function(invoke)
      local started = awl.time.monotonic()
      local answer = invoke { LogType = "Tail" }
      assert.is_true(awl.time.monotonic() - started < 2)
      local ms = tonumber(log_of(answer):match "Duration: ([%d.]+) ms")
      assert.is_true(ms > 4900 and ms < 7000)
    end, { speed = 1000 })
  end)
end)

describe("an invocation", function()
  local OK = "return function() return 'ok' end"

  local function code_of(fn, ...)
    local ok, err = pcall(fn, ...)
    assert.is_false(ok)
    return err.code, err.status, err.message
  end

  it("of a function that is not there is refused in AWS's words", function(t)
    with_function(t, OK, function(invoke)
      local code, status, message = code_of(invoke, { FunctionName = "none" })
      assert.are.equal("ResourceNotFoundException", code)
      assert.are.equal(404, status)
      assert.are.equal(
        "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none", message)
    end)
  end)

  it("with what is no JSON is refused", function(t)
    with_function(t, OK, function(invoke)
      assert.are.equal("InvalidRequestContentException",
        (code_of(invoke, { Payload = "{" })))
    end)
  end)

  it("with more than 6 MB is refused", function(t)
    with_function(t, OK, function(invoke)
      local payload = '"' .. ("x"):rep(6 * 1024 * 1024) .. '"'
      local code, status = code_of(invoke, { Payload = payload })
      assert.are.equal("RequestTooLargeException", code)
      assert.are.equal(413, status)
    end)
  end)

  it("may be an event or a dry run", function(t)
    with_function(t, OK, function(invoke)
      assert.are.equal(202, invoke({ InvocationType = "Event", Payload = "{}" }).StatusCode)
      assert.are.equal(204, invoke({ InvocationType = "DryRun" }).StatusCode)
    end)
  end)

  it("finds functions by ARN, and they are listed", function(t)
    with_function(t, OK, function(invoke, lambda)
      local arn = lambda:get_function { FunctionName = "f" }.Configuration.FunctionArn
      assert.are.equal('"ok"', invoke({ FunctionName = arn }).Payload)
      assert.are.equal("f", lambda:list_functions().Functions[1].FunctionName)
    end)
  end)
end)
