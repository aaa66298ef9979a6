-- Streaming downloads: a body is read as it comes, and only as fast as it is read.
local awl = require "awl"

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

--- The body of an object whose answer is `answer`.
local function body_of(t, answer, options)
  local fake = t:fake_service(type(answer) == "function" and answer or { answer })
  local output = fake:client("s3"):get_object({ Bucket = "bbb", Key = "k" }, options)
  return output.Body, fake, output
end

local function temporary(t)
  local folder = os.tmpname()
  os.remove(folder)
  awl.fs.mkdir(folder)
  t:finally(function()
    for _, name in ipairs(awl.fs.list(folder)) do os.remove(folder .. "/" .. name) end
    os.remove(folder)
  end)
  return folder
end

local function in_pieces(pieces)
  return function(_, exchange)
    exchange:begin { status = 200, headers = { ["content-type"] = "text/plain" } }
    for _, piece in ipairs(pieces) do
      if exchange:closed() then return end
      exchange:write(piece)
      awl.sleep(1)
    end
    if not exchange:closed() then exchange:finish() end
  end
end

describe("body:read", function()
  it("gives all that is left", function(t)
    local body = body_of(t, { body = "hello" })
    assert.are.equal("hello", body:read())
    assert.are.equal("", body:read())
  end)

  it("gives as many bytes as asked for, fewer at the end, then nil", function(t)
    local body = body_of(t, in_pieces { "ab", "cdef", "g" })
    assert.are.equal("abc", body:read(3))
    assert.are.equal("def", body:read(3))
    assert.are.equal("g", body:read(3))
    assert.is_nil(body:read(3))
    assert.is_nil(body:read(3))
  end)

  it("refuses a size that is none", function(t)
    local body = body_of(t, { body = "hello" })
    assert.matches("positive", tostring(failure(body.read, body, 0)))
    body:close()
  end)

  it("gives an empty body", function(t)
    assert.are.equal("", (body_of(t, { body = "" })):read())
    assert.is_nil((body_of(t, { body = "" })):read(1))
  end)

  it("comes with the members of the head", function(t)
    local body, _, output = body_of(t, { body = "hello", headers = {
      etag = '"e"', ["x-amz-meta-color"] = "red" } })
    assert.are.equal('"e"', output.ETag)
    assert.are.equal(5, output.ContentLength)
    assert.are.same({ color = "red" }, output.Metadata)
    body:close()
  end)
end)

describe("body:lines", function()
  it("gives the lines without their ends, the last one also without an end", function(t)
    local lines = {}
    for line in body_of(t, in_pieces { "on", "e\n\ntw", "o\nthree" }):lines() do
      lines[#lines + 1] = line
    end
    assert.are.same({ "one", "", "two", "three" }, lines)
  end)
end)

describe("body:chunks", function()
  it("gives the pieces as they come", function(t)
    local chunks = {}
    for chunk in body_of(t, in_pieces { "one", "two" }):chunks() do chunks[#chunks + 1] = chunk end
    assert.are.same({ "one", "two" }, chunks)
  end)

  it("closes the connection when its loop is left", function(t)
    local gone = false
    local body = body_of(t, function(_, exchange)
      exchange:begin { status = 200 }
      while not exchange:closed() do
        exchange:write "more"
        awl.sleep(1)
      end
      gone = true
    end)
    for _ in body:chunks() do break end
    awl.sleep(10)
    assert.is_true(gone)
    assert.matches("closed", tostring(failure(body.read, body)))
  end)

  it("stops the server from sending while nobody reads", function(t)
    local written = 0
    local body = body_of(t, function(_, exchange)
      exchange:begin { status = 200 }
      local piece = ("x"):rep(256 * 1024)
      for _ = 1, 400 do
        exchange:write(piece)
        written = written + #piece
      end
      exchange:finish()
    end)
    awl.sleep(20)
    assert.is_true(written < 64 * 1024 * 1024, written)
    local length = 0
    for chunk in body:chunks() do length = length + #chunk end
    assert.are.equal(100 * 1024 * 1024, length)
  end)
end)

describe("body:save", function()
  it("writes a file that has its name only when it is whole", function(t)
    local path = temporary(t) .. "/file"
    local body = body_of(t, in_pieces { "one", "two" })
    assert.are.equal(6, body:save(path))
    assert.are.equal("onetwo", awl.fs.read_file(path))
  end)

  it("writes what has not been read before", function(t)
    local path = temporary(t) .. "/file"
    local body = body_of(t, in_pieces { "one", "two" })
    assert.are.equal("on", body:read(2))
    assert.are.equal(4, body:save(path))
    assert.are.equal("etwo", awl.fs.read_file(path))
  end)

  it("leaves the old file and nothing else when the answer is cut", function(t)
    local folder = temporary(t)
    awl.fs.write_file(folder .. "/file", "old")
    local body = body_of(t, { cut = true, headers = { ["content-length"] = "100" },
                              body = "half" })
    local err = failure(body.save, body, folder .. "/file")
    assert.are.equal("IncompleteBody", err.code)
    assert.are.same({ "file" }, awl.fs.list(folder))
    assert.are.equal("old", awl.fs.read_file(folder .. "/file"))
  end)

  it("leaves nothing when it is canceled", function(t)
    local folder = temporary(t)
    local body = body_of(t, function(_, exchange)
      exchange:begin { status = 200 }
      exchange:write "some"
      while not exchange:closed() do awl.sleep(1) end
    end)
    local err = failure(awl.timeout, 5, body.save, body, folder .. "/file")
    assert.are.equal("Timeout", err.code)
    assert.are.same({}, awl.fs.list(folder))
    body:close()
  end)

  it("that is canceled closes the body, so that nobody takes its rest for the whole", function(t)
    local folder = temporary(t)
    local body = body_of(t, in_pieces { "one", "two", "three" })
    local err = failure(awl.timeout, 1.5, body.save, body, folder .. "/file")
    assert.are.equal("Timeout", err.code)
    assert.are.equal("BodyClosed", failure(body.save, body, folder .. "/file").code)
    assert.are.equal("BodyClosed", failure(body.read, body).code)
    assert.are.same({}, awl.fs.list(folder))
    awl.sleep(10)
  end)

  it("can be tried with another path when the file cannot be made", function(t)
    local folder = temporary(t)
    local body = body_of(t, { body = "hello" })
    failure(body.save, body, "/nowhere/file")
    assert.are.equal(5, body:save(folder .. "/file"))
    assert.are.equal("hello", awl.fs.read_file(folder .. "/file"))
  end)

  it("names the file that cannot be written", function(t)
    local body = body_of(t, { body = "hello" })
    assert.matches("/nowhere/file", tostring(failure(body.save, body, "/nowhere/file")))
    body:close()
  end)
end)

describe("a body", function()
  it("that is cut is an error, not an end", function(t)
    local answer = { cut = true, headers = { ["content-length"] = "100" }, body = "half" }
    for _, read in ipairs {
      function(body) return body:read() end,
      function(body) return body:read(100) end,
      function(body) for _ in body:chunks() do end end, -- luacheck: ignore
      function(body) for _ in body:lines() do end end, -- luacheck: ignore
    } do
      local body, fake = body_of(t, answer)
      local err = failure(read, body)
      assert.are.equal("transport", err.kind)
      assert.are.equal("IncompleteBody", err.code)
      assert.matches("'127.0.0.1' port %d+", err.message)
      assert.are.equal("GetObject", err.operation)
      assert.are.equal("s3", err.service)
      fake:close()
    end
  end)

  it("of an error is read whole and the call fails", function(t)
    local fake = t:fake_service { { code = "NoSuchKey", status = 404, message = "no such key" } }
    local err = failure(function() fake:client("s3"):get_object { Bucket = "bbb", Key = "k" } end)
    assert.are.equal("NoSuchKey", err.code)
    assert.are.equal("no such key", err.message)
    assert.are.equal(404, err.status)
  end)

  it("of an error that may be tried again is not the end", function(t)
    local fake = t:fake_service { { code = "SlowDown", status = 503 }, { body = "hello" } }
    local output = fake:client("s3"):get_object { Bucket = "bbb", Key = "k" }
    assert.are.equal("hello", output.Body:read())
    assert.are.equal(1, output.ResponseMetadata.RetryAttempts)
  end)

  it("that nobody reads is closed by the collector", function(t)
    local gone = false
    body_of(t, function(_, exchange)
      exchange:begin { status = 200 }
      exchange:write "some"
      while not exchange:closed() do awl.sleep(1) end
      gone = true
    end)
    collectgarbage()
    collectgarbage()
    awl.sleep(10)
    assert.is_true(gone)
  end)

  it("can be closed twice and not read after it", function(t)
    local body = body_of(t, { body = "hello" })
    assert.are.equal("body of s3:GetObject", tostring(body))
    body:close()
    body:close()
    assert.are.equal("body of s3:GetObject (closed)", tostring(body))
    local err = failure(body.read, body)
    assert.are.equal("BodyClosed", err.code)
  end)

  it("is let go by a reader that is canceled", function(t)
    local body = body_of(t, function(_, exchange)
      exchange:begin { status = 200 }
      exchange:write "some"
      while not exchange:closed() do awl.sleep(1) end
    end)
    assert.are.equal("Timeout", failure(awl.timeout, 5, body.read, body).code)
    body:close()
    awl.sleep(10)
  end)

  it("closed by another task is an error for who reads it, however", function(t)
    local folder = temporary(t)
    local ways = {
      read = function(body) body:read() end,
      lines = function(body) for _ in body:lines() do end end,
      chunks = function(body) for _ in body:chunks() do end end,
      save = function(body) body:save(folder .. "/file") end,
    }
    for way, reader in pairs(ways) do
      local body = body_of(t, function(_, exchange)
        exchange:begin { status = 200 }
        exchange:write "some"
        while not exchange:closed() do awl.sleep(1) end
      end)
      local task = awl.spawn(reader, body)
      awl.sleep(1)
      body:close()
      assert.are.equal("BodyClosed", failure(task.await, task).code, way)
    end
    assert.are.same({}, awl.fs.list(folder))
    awl.sleep(10)
  end)

  it("is read by one task at a time", function(t)
    local folder = temporary(t)
    for _, read in ipairs {
      function(body) return body:read() end,
      function(body) return body:save(folder .. "/file") end,
    } do
      local body = body_of(t, in_pieces { "one", "two" })
      local reader = awl.spawn(read, body)
      awl.sleep(0.5)
      for _, also in ipairs {
        body.read, function() return body:chunks()() end, function() return body:lines()() end,
        function() return body:save(folder .. "/other") end,
      } do
        assert.matches("another task %l+ this body", tostring(failure(also, body)))
      end
      reader:await()
      awl.sleep(10)
    end
    assert.are.equal("onetwo", awl.fs.read_file(folder .. "/file"))
  end)

  it("is limited by the call's timeout", function(t)
    local body = body_of(t, function(_, exchange)
      exchange:begin { status = 200 }
      while not exchange:closed() do
        exchange:write "some"
        awl.sleep(1)
      end
    end, { timeout = 10 })
    assert.are.equal("timeout", failure(body.read, body).kind)
    awl.sleep(10)
  end)
end)
