-- awl.core.server: HTTP exchanges as Lua sees them.
local awl = require "awl"
local core = require "awl.core.server"
local task = require "awl.core.task"

--- An S3 client of the server; `handle(exchange)` answers its one request.
local function served(handle)
  local server = core.listen {}
  local answering = task.spawn(function()
    local exchange <close> = server:accept()
    handle(exchange)
  end)
  local client = awl.client("s3", {
    endpoint_url = "http://127.0.0.1:" .. server:port(), region = "us-east-1",
    credentials = { access_key_id = "a", secret_access_key = "b" }, max_attempts = 1,
  })
  return client, function()
    answering:await()
    server:close()
  end
end

describe("an exchange", function()
  it("shows the request as it came", function()
    local seen
    local s3, finish = served(function(exchange)
      seen = {
        method = exchange.method, path = exchange.path, query = exchange.query,
        body = exchange.body, color = exchange.headers["x-amz-meta-color"],
      }
      assert.is_nil(exchange.nothing)
      exchange:respond { headers = { ETag = '"x"', ["x-amz-version-id"] = 7 } }
    end)
    local answer = s3:put_object { Bucket = "box", Key = "a b", Body = "\0bytes",
      Metadata = { color = "red" } }
    finish()
    assert.are.equal('"x"', answer.ETag)
    assert.are.equal("7", answer.VersionId)
    seen.query = nil
    assert.are.same(
      { method = "PUT", path = "/box/a%20b", body = "\0bytes", color = "red" }, seen)
  end)

  it("is answered in pieces, of any size", function()
    local piece = ("x"):rep(700000)
    local s3, finish = served(function(exchange)
      exchange:begin { status = 200, headers = { ["Content-Type"] = "text/x" } }
      for _ = 1, 10 do exchange:write(piece) end
      exchange:write ""
      exchange:finish()
    end)
    local answer = s3:get_object { Bucket = "box", Key = "k" }
    assert.are.equal("text/x", answer.ContentType)
    assert.are.equal(7000000, #answer.Body:read "a")
    finish()
  end)

  it("is answered once", function()
    local answered, again
    local s3, finish = served(function(exchange)
      answered = exchange:respond { body = "" }
      again = pcall(exchange.respond, exchange, {})
    end)
    s3:get_object { Bucket = "box", Key = "k" }.Body:close()
    finish()
    assert.is_true(answered)
    assert.is_false(again)
  end)

  it("that is closed unanswered ends the connection", function()
    local s3, finish = served(function() end)
    local ok, err = pcall(s3.get_object, s3, { Bucket = "box", Key = "k" })
    finish()
    assert.is_false(ok)
    assert.are.equal("transport", err.kind)
  end)

  it("refuses headers that would break the message", function()
    local ok
    local s3, finish = served(function(exchange)
      ok = pcall(exchange.respond, exchange, { headers = { A = "b\r\nC: d" } })
      exchange:respond {}
    end)
    s3:get_object { Bucket = "box", Key = "k" }.Body:close()
    finish()
    assert.is_false(ok)
  end)
end)

describe("a server", function()
  it("wakes who waits for a request when it is closed", function()
    local server = core.listen()
    local waiting = task.spawn(server.accept, server)
    task.sleep(0)
    assert.is_false((pcall(server.accept, server)))
    server:close()
    assert.is_nil(waiting:await())
    assert.is_nil(server:accept())
    assert.is_nil(server:port())
  end)

  it("says so when the port is taken", function()
    local server = core.listen()
    local ok, err = pcall(core.listen, { port = server:port() })
    server:close()
    assert.is_false(ok)
    assert.are.equal("EADDRINUSE", err.code)
  end)
end)

describe("a checksum", function()
  it("is the bytes of the algorithm's value", function()
    assert.are.equal("\xcb\xf4\x39\x26", core.checksum("crc32", "123456789"))
    assert.are.equal("CRC32C is 4 bytes", ("CRC32C is %d bytes")
      :format(#core.checksum("CRC32C", "")))
    assert.is_nil(core.checksum("nonsense", ""))
  end)
end)
