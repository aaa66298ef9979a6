-- Streaming uploads: from strings, files and functions.
local awl = require "awl"

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local OK = { status = 200, headers = { etag = '"e"' } }

local function put(fake, body, extra, options)
  local input = { Bucket = "bbb", Key = "k", Body = body }
  for key, value in pairs(extra or {}) do input[key] = value end
  return fake:client("s3"):put_object(input, options)
end

local function file_with(t, text)
  local path = os.tmpname()
  awl.fs.write_file(path, text)
  t:finally(function() os.remove(path) end)
  return awl.fs.open(path)
end

--- A function that gives the pieces, and how many have been taken.
local function pieces_of(pieces)
  local taken = { count = 0 }
  return function()
    local piece = pieces[taken.count + 1]
    if piece then taken.count = taken.count + 1 end
    return piece
  end, taken
end

describe("an upload", function()
  it("of a string is sent whole", function(t)
    local fake = t:fake_service { OK }
    assert.are.equal('"e"', put(fake, "hello").ETag)
    assert.are.equal("hello", fake.seen[1].body)
    assert.are.equal("5", fake.seen[1].headers["content-length"])
  end)

  it("of an empty string has a length", function(t)
    local fake = t:fake_service { OK }
    put(fake, "")
    assert.are.equal("0", fake.seen[1].headers["content-length"])
  end)

  it("of a file knows its length", function(t)
    local fake = t:fake_service { OK }
    local text = ("0123456789"):rep(100000)
    local file <close> = file_with(t, text)
    put(fake, file)
    assert.are.equal(text, fake.seen[1].body)
    assert.are.equal("1000000", fake.seen[1].headers["content-length"])
  end)

  it("of a file begins where the file stands", function(t)
    local fake = t:fake_service { OK }
    local file <close> = file_with(t, "0123456789")
    file:seek("set", 4)
    put(fake, file)
    assert.are.equal("456789", fake.seen[1].body)
  end)

  it("of a function takes the length from the input", function(t)
    local fake = t:fake_service { OK }
    put(fake, (pieces_of { "ab", "cde" }), { ContentLength = 5 })
    assert.are.equal("abcde", fake.seen[1].body)
    assert.are.equal("5", fake.seen[1].headers["content-length"])
  end)

  it("of a function needs its length for S3", function(t)
    local fake = t:fake_service {}
    local err = failure(put, fake, (pieces_of { "ab" }))
    assert.are.equal("input", err.kind)
    assert.matches("give ContentLength", err.message)
    assert.are.equal(0, fake.requests)
  end)

  it("may make calls to get its pieces", function(t)
    local fake = t:fake_service(function(request)
      if request.method == "GET" then return { body = "piece" } end
      return OK
    end)
    local s3 = fake:client "s3"
    local count = 0
    s3:put_object { Bucket = "bbb", Key = "k", ContentLength = 10, Body = function()
      count = count + 1
      if count > 2 then return nil end
      return s3:get_object({ Bucket = "bbb", Key = "x" }).Body:read()
    end }
    assert.are.equal("piecepiece", fake.seen[3].body)
  end)

  it("of another thing is refused", function(t)
    local fake = t:fake_service {}
    assert.matches("Body: expected string, file or function, got number",
      failure(put, fake, 5).message)
    assert.matches("not a table", failure(put, fake, {}).message)
    assert.are.equal(0, fake.requests)
  end)

  it("takes no more from its source than the server takes", function(t)
    local taken = 0
    local fake = t:fake_service {}
    local socket = require("awl.core.server")
    assert.is_table(socket)
    -- Nobody answers on a connection that is never accepted beyond the kernel's buffers:
    -- the server collects bodies up to its limit, so the limit shows what was sent.
    local length = 300 * 1024 * 1024
    local err = failure(put, fake, function()
      taken = taken + 1024 * 1024
      return ("x"):rep(1024 * 1024)
    end, { ContentLength = length }, { max_attempts = 1 })
    assert.is_true(taken < length, taken)
    assert.is_true(err.status == 413 or err.kind == "transport", tostring(err))
  end)
end)

describe("an upload's source", function()
  it("that raises fails the call with its own error", function(t)
    local fake = t:fake_service {}
    local err = failure(put, fake, function() error({ mine = true }, 0) end,
      { ContentLength = 5 })
    assert.are.same({ mine = true }, { mine = err.mine })
    assert.are.equal(0, fake.requests)
  end)

  it("that raises in the middle leaves no whole request", function(t)
    local fake = t:fake_service {}
    local first = true
    local err = failure(put, fake, function()
      if first then
        first = false
        return "ab"
      end
      error("enough", 0)
    end, { ContentLength = 5 })
    assert.are.equal("enough", err)
    assert.are.equal(0, fake.requests)
  end)

  it("that gives too much is an error", function(t)
    local fake = t:fake_service {}
    local err = failure(put, fake, (pieces_of { "abc", "def" }), { ContentLength = 5 })
    assert.are.equal("UploadError", err.code)
    assert.matches("more than the 5 bytes announced", err.message)
    assert.are.equal(0, fake.requests)
  end)

  it("that gives too little is an error", function(t)
    local fake = t:fake_service {}
    local err = failure(put, fake, (pieces_of { "abc" }), { ContentLength = 5 })
    assert.are.equal("UploadError", err.code)
    assert.matches("3 of the 5 bytes announced", err.message)
    assert.are.equal(0, fake.requests)
  end)

  it("that gives something else than strings is an error", function(t)
    local fake = t:fake_service {}
    local err = failure(put, fake, function() return true end, { ContentLength = 5 })
    assert.are.equal("UploadError", err.code)
    assert.matches("gave a boolean", err.message)
  end)
end)

describe("an upload that fails", function()
  it("is sent again from a file", function(t)
    for _, first in ipairs { { status = 503 }, { close = true } } do
      local fake = t:fake_service { first, OK }
      local file <close> = file_with(t, "0123456789")
      file:seek("set", 2)
      put(fake, file)
      assert.are.equal("23456789", fake.seen[1].body)
      assert.are.equal("23456789", fake.seen[2].body)
      fake:close()
    end
  end)

  it("is not sent again from a function that has been read", function(t)
    local fake = t:fake_service { { status = 503 } }
    local source, taken = pieces_of { "ab", "cde" }
    local err = failure(put, fake, source, { ContentLength = 5 })
    assert.are.equal(503, err.status)
    assert.are.equal(1, fake.requests)
    assert.are.equal(2, taken.count)
  end)

  it("is sent again from a string", function(t)
    local fake = t:fake_service { { status = 503 }, OK }
    put(fake, "hello")
    assert.are.equal("hello", fake.seen[2].body)
  end)
end)

describe("a canceled upload", function()
  it("stops its source", function(t)
    local fake = t:fake_service {}
    local waiting, ended = false, false
    local client = fake:client "s3"
    local started = client:start("put_object", { Bucket = "bbb", Key = "k", ContentLength = 5,
      Body = function()
        local closing <close> = setmetatable({}, { __close = function() ended = true end })
        waiting = true
        awl.sleep(1000)
        return "x"
      end })
    while not waiting do awl.sleep(1) end
    started:cancel()
    assert.are.equal("TaskCanceled", failure(started.await, started).code)
    awl.sleep(0)
    assert.is_true(ended)
    assert.are.equal(0, fake.requests)
  end)
end)
