-- What S3's answers mean beyond the model.
local awl = require "awl"

local function copy(s3)
  return s3:copy_object { Bucket = "data", Key = "k", CopySource = "a/b" }
end

local COPIED = "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>"

describe("an answer with status 200", function()
  it("whose root is Error is an error of the server, and worth another attempt", function(t)
    local fake = t:fake_service {
      { status = 200, body = "<?xml version='1.0'?>\n<Error><Code>Odd</Code></Error>" },
      { status = 200, body = COPIED },
    }
    assert.are.equal("x", copy(fake:client "s3").CopyObjectResult.ETag)
  end)

  it("that stays an error says so", function(t)
    local fake = t:fake_service { { status = 200,
      body = "<Error><Code>Odd</Code><Message>m</Message></Error>" } }
    local ok, err = pcall(copy, fake:client("s3", { max_attempts = 1 }))
    assert.is_false(ok)
    assert.are.equal("Odd", err.code)
    assert.are.equal(500, err.status)
    assert.is_true(err.retryable)
  end)

  it("that is cut short is worth another attempt", function(t)
    local fake = t:fake_service {
      { status = 200, body = COPIED:sub(1, 30) }, { status = 200, body = COPIED },
    }
    local res = copy(fake:client "s3")
    assert.are.equal("x", res.CopyObjectResult.ETag)
    assert.are.equal(1, res.ResponseMetadata.RetryAttempts)
  end)

  it("that stays cut short is an error of the server", function(t)
    local broken = { status = 200, body = "<CopyObjectRes" }
    local fake = t:fake_service { broken, broken, broken }
    local ok, err = pcall(copy, fake:client "s3")
    assert.is_false(ok)
    assert.are.equal("service", err.kind)
    assert.are.equal("InternalError", err.code)
    assert.matches("XML of the answer is damaged", err.message)
    assert.are.equal(500, err.status)
    assert.are.equal(3, err.attempts)
  end)
end)

describe("a conflict of conditional writes", function()
  it("is worth another attempt", function(t)
    local fake = t:fake_service {
      { code = "ConditionalRequestConflict", status = 409 }, { output = {} },
    }
    fake:client "s3":put_object { Bucket = "data", Key = "k", Body = "", IfNoneMatch = "*" }
    assert.are.equal(2, fake.requests)
  end)
end)

describe("Expires of an object", function()
  it("is a time and the text that it was", function(t)
    local fake = t:fake_service { { status = 200,
      headers = { Expires = "Wed, 21 Oct 2015 07:28:00 GMT" } } }
    local res = fake:client "s3":head_object { Bucket = "data", Key = "k" }
    assert.are.equal(1445412480, res.Expires)
    assert.are.equal("Wed, 21 Oct 2015 07:28:00 GMT", res.ExpiresString)
  end)

  it("is a text only where it is no time", function(t)
    local fake = t:fake_service { { status = 200, headers = { Expires = "never" }, body = "x" } }
    local body <close> = fake:client "s3":get_object { Bucket = "data", Key = "k" }.Body
    assert.are.equal("x", body:read "a")
    local again = t:fake_service { { status = 200, headers = { Expires = "never" }, body = "" } }
    local res = again:client "s3":get_object { Bucket = "data", Key = "k" }
    assert.is_nil(res.Expires)
    assert.are.equal("never", res.ExpiresString)
    res.Body:close()
  end)
end)

describe("what is missing", function()
  it("is known by name also where HEAD has no body to say it", function(t)
    local fake = t:fake_service { { status = 404 }, { status = 404 }, { status = 403 } }
    local s3 = fake:client "s3"
    local output, err = awl.try({ "NoSuchKey" }, s3.head_object, s3, { Bucket = "b", Key = "k" })
    assert.is_nil(output)
    assert.are.equal("404", err.code)
    assert.is_true(err:is "404")
    assert.is_false(err:is "NoSuchBucket")
    assert.is_nil((awl.try({ "NoSuchBucket" }, s3.head_bucket, s3, { Bucket = "b" })))
    assert.is_false(pcall(awl.try, { "NoSuchKey" }, s3.head_object, s3, { Bucket = "b", Key = "k" }))
  end)
end)

describe("a large upload", function()
  local function expects(t, size)
    local fake = t:fake_service { { output = {} } }
    fake:client "s3":put_object { Bucket = "data", Key = "k", Body = ("x"):rep(size) }
    assert.are.equal(size, #fake.seen[1].body)
    return fake.seen[1].headers.expect
  end

  it("waits for the server's word before its body is sent", function(t)
    assert.are.equal("100-continue", expects(t, 2 * 1024 * 1024))
  end)

  it("is only one of 2 MiB or more", function(t)
    assert.is_nil(expects(t, 2 * 1024 * 1024 - 1))
  end)
end)

describe("WriteGetObjectResponse", function()
  it("goes to the host of its route, its payload unsigned", function()
    local s3 = awl.client("s3", { region = "eu-west-1",
      credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" } })
    local request = s3:prepare("WriteGetObjectResponse",
      { RequestRoute = "route", RequestToken = "token", Body = "abc" })
    assert.are.equal(
      "https://route.s3-object-lambda.eu-west-1.amazonaws.com/WriteGetObjectResponse",
      request.url)
    assert.are.equal("UNSIGNED-PAYLOAD", request.headers["X-Amz-Content-SHA256"])
    assert.truthy(request.headers.Authorization:find("/s3-object-lambda/", 1, true))
  end)
end)
