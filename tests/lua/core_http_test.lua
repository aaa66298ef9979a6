-- awl.core.http: plain requests.
local awl = require "awl"
local http = require "awl.core.http"

describe("a plain request", function()
  it("sends what it is told and gives the whole answer", function(t)
    local fake = t:fake_service { { status = 418, body = "short", headers = { ["X-Test"] = { "a", "b" } } } }
    local answer = http.request { method = "PUT", url = fake.url .. "/p?q=1", body = "bytes",
      headers = { ["X-Mine"] = "yes" }, direct = true }
    assert.are.equal(418, answer.status)
    assert.are.equal("short", answer.body)
    assert.are.equal("a, b", answer.headers["x-test"])
    local seen = fake.seen[1]
    assert.are.equal("PUT /p?q=1 bytes yes", ("%s %s?%s %s %s"):format(seen.method, seen.path,
      seen.query, seen.body, seen.headers["x-mine"]))
    assert.matches("^awl/", seen.headers["user-agent"])
  end)

  it("sends of a URL what a server may see, and no line of its own making", function(t)
    local fake = t:fake_service { { status = 200 }, { status = 200 }, { status = 200 } }
    for _, target in ipairs { "/a/../%41?b=%2F#part", "?only=query", "" } do
      http.request { url = fake.url .. target, direct = true }
    end
    local seen = {}
    for i, request in ipairs(fake.seen) do seen[i] = request.path .. "?" .. (request.query or "") end
    assert.are.same({ "/a/../%41?b=%2F", "/?only=query", "/?" }, seen)
    for _, target in ipairs { "/a b", "/a\r\nX-Mine: yes", "/\1", "/a HTTP/1.1\r\n\r\nGET /b" } do
      assert.is_false(pcall(http.request, { url = fake.url .. target, direct = true }))
    end
    assert.are.equal(3, fake.requests)
  end)

  it("does not follow redirects", function(t)
    local fake = t:fake_service { { status = 302, headers = { Location = "/elsewhere" } } }
    assert.are.equal(302, http.request { url = fake.url }.status)
    assert.are.equal(1, fake.requests)
  end)

  it("fails when no answer comes in time", function(t)
    local fake = t:fake_service { { hold = true } }
    local ok, err = pcall(http.request, { url = fake.url, timeout = 2 })
    assert.is_false(ok)
    assert.are.equal("timeout", err.kind)
  end)

  it("that another task closes is an error for who waits for its answer", function(t)
    local fake = t:fake_service { { hold = true } }
    local exchange = http.start { url = fake.url }
    local task = awl.spawn(exchange.head, exchange)
    awl.sleep(1)
    exchange:close()
    local ok, err = pcall(task.await, task)
    assert.is_false(ok)
    assert.matches("the exchange is closed", tostring(err))
  end)

  it("refuses what it cannot send, without showing it", function()
    local ok, err = pcall(http.request, { url = "http://127.0.0.1:1", headers = { A = "x\r\nhush: y" } })
    assert.is_false(ok)
    assert.are.equal("InvalidHeader", err.code)
    assert.is_nil(tostring(err):find "hush")
    for _, options in ipairs { { url = "ftp://x" }, { url = 5 }, {}, { url = "http://x", timeout = -1 },
                               { url = "http://x\0y" }, { url = "http://x", headers = { 1 } } } do
      assert.is_false(pcall(http.request, options))
    end
  end)

  it("does not hold more of an answer than it may", function(t)
    local fake = t:fake_service { { status = 200, body = ("x"):rep(1000) } }
    local ok, err = pcall(http.request, { url = fake.url, max_body = 100 })
    assert.is_false(ok)
    assert.are.equal("TooLarge", err.code)
  end)
end)
