-- awl.http: requests of scripts. The transport's own behaviour is in core_http_test.lua.
local awl = require "awl"
local http = awl.http

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

--- A server that tells what came.
local function echo(t)
  return t:fake_service(function(request)
    return { status = 200, body = request.body, headers = { ["X-Method"] = request.method } }
  end)
end

local function to(url, status)
  return { status = status or 302, headers = { Location = url } }
end

describe("awl.http", function()
  it("gets a page", function(t)
    local fake = t:fake_service { { status = 200, body = "up", headers = { ["X-A"] = { "1", "2" } } } }
    local answer = http.get(fake.url .. "/status?full=1", { headers = { ["X-B"] = 7, Multi = { "a", "b" } } })
    assert.are.equal(200, answer.status)
    assert.are.equal("up", answer.body)
    assert.are.equal("1, 2", answer.headers["x-a"])
    assert.are.equal(fake.url .. "/status?full=1", answer.url)
    local seen = fake.seen[1]
    assert.are.equal("GET /status full=1", ("%s %s %s"):format(seen.method, seen.path, seen.query))
    assert.are.equal("7", seen.headers["x-b"])
    assert.matches("a.*b", seen.headers.multi)
    assert.is_nil(seen.headers.authorization)
  end)

  it("posts JSON to a webhook", function(t)
    local fake = echo(t)
    http.post(fake.url, { json = { text = "done", n = 1 } })
    assert.are.equal('{"n":1,"text":"done"}', fake.seen[1].body)
    assert.are.equal("application/json", fake.seen[1].headers["content-type"])
    http.request { url = fake.url, json = false, headers = { ["content-type"] = "text/x" } }
    assert.are.equal("POST false text/x", ("%s %s %s"):format(fake.seen[2].method, fake.seen[2].body,
      fake.seen[2].headers["content-type"]))
  end)

  it("has a function for each method", function(t)
    local fake = echo(t)
    for _, name in ipairs { "get", "head", "post", "put", "patch", "delete" } do
      assert.are.equal(name:upper(), http[name](fake.url).headers["x-method"])
    end
    assert.are.equal("PURGE", http.request { url = fake.url, method = "purge" }.headers["x-method"])
  end)

  it("takes any status for an answer unless told otherwise", function(t)
    local fake = t:fake_service(function(request)
      return { status = request.path == "/gone" and 404 or 503, body = "why" }
    end)
    assert.are.equal(404, http.get(fake.url .. "/gone").status)
    local secret = fake.url:gsub("//", "//user:hush@") .. "/hush?key=hush"
    for _, stream in ipairs { false, true } do
      local err = failure(http.post, secret, { raise = true, stream = stream })
      assert.are.equal("service", err.kind)
      assert.are.equal("HttpStatus", err.code)
      assert.are.equal(503, err.status)
      assert.are.equal("why", err.response.body)
      assert.is_true(err.retryable)
      assert.matches("POST of http://127.0.0.1:%d+ was answered with status 503", tostring(err))
      assert.is_nil(tostring(err):find "hush")
    end
  end)

  it("streams the answer", function(t)
    local text = ("line of text\n"):rep(100000)
    local fake = t:fake_service(function() return { status = 200, body = text } end)
    do
      local body <close> = http.get(fake.url, { stream = true }).body
      assert.are.equal("line", body:read(4))
      assert.is_true(body:read() == text:sub(5))
    end
    local count = 0
    for line in http.get(fake.url, { stream = true }).body:lines() do
      assert(line == "line of text")
      count = count + 1
    end
    assert.are.equal(100000, count)
    local path = os.tmpname()
    t:finally(function() os.remove(path) end)
    local answer = http.get(fake.url, { stream = true })
    assert.are.equal("body", tostring(answer.body))
    assert.are.equal(#text, answer.body:save(path))
    assert.is_true(awl.fs.read_file(path) == text)
    assert.are.equal("BodyClosed", failure(answer.body.read, answer.body).code)
  end)

  it("raises in a streamed answer that ends early", function(t)
    local fake = t:fake_service { { status = 200, headers = { ["Content-Length"] = "10" }, body = "abc", cut = true } }
    local body <close> = http.get(fake.url, { stream = true }).body
    collectgarbage() -- what the transfer needs of the request is still there
    local err = failure(body.read, body)
    assert.are.equal("transport", err.kind)
    assert.is_nil(err.service)
  end)

  it("uploads from functions and files", function(t)
    local fake = echo(t)
    local text = ("0123456789abcdef"):rep(100000)
    local pieces = { text:sub(1, 700000), "", text:sub(700001) }
    local function source()
      awl.sleep(0.1)
      return table.remove(pieces, 1)
    end
    assert.is_true(http.put(fake.url, { body = source }).body == text)
    assert.are.equal("chunked", fake.seen[1].headers["transfer-encoding"])

    local path = os.tmpname()
    t:finally(function() os.remove(path) end)
    awl.fs.write_file(path, text)
    local file <close> = awl.fs.open(path)
    file:seek("set", 16)
    local answer = http.put(fake.url, { body = file, stream = true })
    assert.is_true(answer.body:read() == text:sub(17))
    answer.body:close()
    assert.are.equal(tostring(#text - 16), fake.seen[2].headers["content-length"])
  end)

  it("raises what an upload's source raises, and stops", function(t)
    local fake = echo(t)
    local function source() error("no more", 0) end
    assert.are.equal("no more", failure(http.post, fake.url, { body = source }))
    assert.are.equal("UploadError", failure(http.post, fake.url, { body = function() return 5 end }).code)
    assert.are.equal(0, fake.requests)
  end)

  it("stops when its task is canceled", function(t)
    local fake = t:fake_service { { hold = true }, { hold = true } }
    local gone = awl.channel()
    for i, options in ipairs { {}, { body = function() return gone:receive() end, stream = true } } do
      local running = awl.spawn(http.post, fake.url, options)
      if i == 1 then fake:wait(1) else awl.sleep(0.1) end
      running:cancel()
      assert.are.equal("TaskCanceled", failure(running.await, running).code)
    end
  end)

  it("tells timeouts from other failures", function(t)
    local fake = t:fake_service { { hold = true } }
    local err = failure(http.get, fake.url, { timeout = 3 })
    assert.are.equal("timeout", err.kind)
    err = failure(http.get, "http://127.0.0.1:1/")
    assert.are.equal("transport", err.kind)
    assert.are.equal("ConnectionRefused", err.code)
  end)

  it("tells that a server speaks no TLS", function(t)
    local url = t:fake_service {}.url:gsub("^http:", "https:")
    local err = failure(http.get, url)
    assert.are.equal("TlsError", err.code)
    assert.truthy(err.message:find("(http:// instead of https://?)", 1, true), err.message)
  end)

  it("refuses what must not be sent", function()
    local url = "http://127.0.0.1:1/"
    assert.are.equal("InvalidHeader", failure(http.get, url, { headers = { A = "x\r\nB: y" } }).code)
    assert.are.equal("InvalidHeader", failure(http.get, url, { headers = { A = { "x", "y\nz" } } }).code)
    assert.are.equal("InvalidHeader", failure(http.get, url, { headers = { ["A\r\nB"] = "x" } }).code)
    for _, options in ipairs { { method = "GET / HTTP/1.1\r\nX: y" }, { method = "" }, { url = url .. "a b" },
                               { url = url .. "\r\nX: y" }, { url = "file:///etc/passwd" }, { body = 5 },
                               { body = "a", json = 1 }, { headers = "x" }, { headers = { A = { {} } } } } do
      options.url = options.url or url
      local err = failure(http.request, options)
      assert.are_not.equal("ConnectionRefused", type(err) == "table" and err.code)
    end
    assert.matches("did you mean 'timeout'", failure(http.get, url, { timout = 1 }))
    assert.matches("timeout must be a number, got string", failure(http.get, url, { timeout = "x" }))
    assert.matches("a URL is needed", failure(http.get))
    assert.matches("http_test", failure(function() http.get(url, { timout = 1 }) end))
    assert.matches("http_test", failure(function() http.get(url, 5) end))
    assert.are.equal("InvalidUrl", failure(http.get, "ftp://x").code)
    assert.are.equal("InvalidMethod", failure(http.request, { url = url, method = "a b" }).code)
  end)
end)

describe("proxies of a request", function()
  it("are its own or none", function(t)
    local fake = t:fake_service(function(request) return { status = 200, body = request.headers.host } end)
    assert.are.equal("example.test", http.get("http://example.test/x", { proxy = fake.url }).body)
    local err = failure(http.get, "https://example.test/x", { proxy = fake.url })
    assert.are.equal("ProxyRefused", err.code)
    assert.are.equal(200, http.get(fake.url, { proxy = false }).status)
  end)
end)

describe("redirects", function()
  it("are answers unless asked for", function(t)
    local fake = t:fake_service { to "/elsewhere" }
    assert.are.equal(302, http.get(fake.url).status)
    assert.are.equal(1, fake.requests)
  end)

  it("are followed on the same server with all fields", function(t)
    local fake = t:fake_service { to "../b?c=d#e", to("", 307) }
    local answer = http.get(fake.url .. "/x/a", { follow_redirects = true, headers = { Authorization = "hush" } })
    assert.are.equal(307, answer.status) -- leads nowhere
    fake = t:fake_service { to "../b?c=d#e", { status = 200, body = "there" } }
    answer = http.get(fake.url .. "/x/a", { follow_redirects = true, headers = { Authorization = "hush" } })
    assert.are.equal("there", answer.body)
    assert.are.equal(fake.url .. "/b?c=d", answer.url)
    assert.are.equal("/b", fake.seen[2].path)
    assert.are.equal("hush", fake.seen[2].headers.authorization)
  end)

  it("take no secret to another server", function(t)
    local other = t:fake_service { { status = 200 } }
    local fake = t:fake_service { to(other.url .. "/") }
    http.get(fake.url, { follow_redirects = true,
      headers = { authorization = "hush", Cookie = "hush", ["X-Kept"] = "yes" } })
    local headers = other.seen[1].headers
    assert.are.equal("yes", headers["x-kept"])
    assert.is_nil(headers.authorization)
    assert.is_nil(headers.cookie)
    -- nor do the name and the password of the first URL go along
    other = t:fake_service { { status = 200 } }
    fake = t:fake_service { to((other.url:gsub("^http:", ""))) }
    http.get(fake.url:gsub("//", "//user:hush@"), { follow_redirects = true })
    assert.is_truthy(fake.seen[1].headers.authorization)
    assert.is_nil(other.seen[1].headers.authorization)
  end)

  it("turn a POST into a GET, or send it again", function(t)
    local fake = t:fake_service { to("/a", 303), { status = 200 }, to("/b", 308), { status = 200 } }
    http.post(fake.url, { json = { 1 }, follow_redirects = true })
    http.post(fake.url, { json = { 1 }, follow_redirects = true })
    local seen = fake.seen
    assert.are.equal("GET", seen[2].method)
    assert.are.equal("", seen[2].body)
    assert.is_nil(seen[2].headers["content-type"])
    assert.are.equal("POST [1]", seen[4].method .. " " .. seen[4].body)
  end)

  it("send a file again but not a function", function(t)
    local path = os.tmpname()
    t:finally(function() os.remove(path) end)
    awl.fs.write_file(path, "abc")
    local fake = t:fake_service { to("/a", 307), { status = 200 }, to("/b", 307) }
    local file <close> = awl.fs.open(path)
    http.put(fake.url, { body = file, follow_redirects = true })
    assert.are.equal("abc", fake.seen[2].body)
    local left = { "abc" }
    local err = failure(http.put, fake.url, { body = function() return table.remove(left) end,
      follow_redirects = true })
    assert.are.equal("NotResent", err.code)
    assert.are.equal(3, fake.requests)
  end)

  it("end", function(t)
    local fake = t:fake_service(function() return to "/again" end)
    local err = failure(http.get, fake.url, { follow_redirects = 3, stream = true })
    assert.are.equal("TooManyRedirects", err.code)
    assert.are.equal(4, fake.requests)
    for _, location in ipairs { "ftp://127.0.0.1/x", "file:///etc/passwd", "http://" } do
      local bad = t:fake_service { to(location) }
      assert.are.equal("InvalidRedirect", failure(http.get, bad.url, { follow_redirects = true }).code)
    end
  end)
end)
