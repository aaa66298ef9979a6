-- Buckets that are in another region than the client.
local awl = require "awl"

local MOVED = { status = 301, headers = { ["x-amz-bucket-region"] = "eu-west-1" }, body =
  "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>" }

--- The region that each request was signed for.
local function regions(fake)
  local list = {}
  for i, request in ipairs(fake.seen) do
    list[i] = request.headers.authorization:match "Credential=[^/]+/%d+/([^/]+)/"
  end
  return list
end

describe("a call to a bucket in another region", function()
  it("is sent again at once to where the answer says, and the next goes straight there",
    function(t)
      local fake = t:fake_service { MOVED, { output = {} }, { output = {} }, { output = {} } }
      local s3 = fake:client("s3", { max_attempts = 1 })
      local res = s3:list_objects_v2 { Bucket = "data" }
      assert.are.equal(1, res.ResponseMetadata.RetryAttempts)
      s3:list_objects_v2 { Bucket = "data" }
      s3:list_objects_v2 { Bucket = "other" }
      assert.are.same({ "us-east-1", "eu-west-1", "eu-west-1", "us-east-1" }, regions(fake))
      for _, pause in ipairs(t.clock:slept()) do assert.are.equal(0, pause) end
    end)

  it("fails with the name of that region", function(t)
    local fake = t:fake_service { MOVED, { code = "AccessDenied", status = 403 } }
    local s3 = fake:client "s3"
    local ok, err = pcall(s3.list_objects_v2, s3, { Bucket = "data" })
    assert.is_false(ok)
    assert.are.equal("eu-west-1", err.region)
    assert.matches("in eu%-west%-1", tostring(err))
  end)

  it("goes to the host of that region", function(t)
    local fake = t:fake_service { MOVED, { output = {} } }
    local s3 = fake:client "s3"
    s3:list_objects_v2 { Bucket = "data" }
    assert.are.equal("eu-west-1", s3:prepare("ListObjectsV2", { Bucket = "data" })
      .headers.Authorization:match "/(%w+%-%w+%-%d)/s3/")
    assert.are.equal(s3:prepare("ListObjectsV2", { Bucket = "data" }).url:match "^http://[^/]+",
      fake.url)
  end)

  it("is told by the error's Region where the header is missing", function(t)
    local fake = t:fake_service { { status = 400, body =
      "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message>"
      .. "<Region>ap-south-1</Region></Error>" }, { output = {} } }
    fake:client "s3":list_objects_v2 { Bucket = "data" }
    assert.are.same({ "us-east-1", "ap-south-1" }, regions(fake))
  end)

  it("asks HeadBucket where the error does not say", function(t)
    local fake = t:fake_service {
      { status = 400 }, -- HeadObject has no body and so no code
      { status = 403, headers = { ["x-amz-bucket-region"] = "eu-west-1" } },
      { output = { ContentLength = 3 } },
    }
    local s3 = fake:client "s3"
    assert.are.equal(3, s3:head_object { Bucket = "data", Key = "k" }.ContentLength)
    assert.are.equal("HeadBucket", fake.seen[2].operation)
    assert.are.same({ "us-east-1", "us-east-1", "eu-west-1" }, regions(fake))
  end)

  it("fails with its own error where nobody knows", function(t)
    local fake = t:fake_service { { status = 400 }, { status = 403 } }
    local ok, err = pcall(fake:client "s3".head_object, fake:client "s3",
      { Bucket = "data", Key = "k" })
    assert.is_false(ok)
    assert.are.equal(400, err.status)
    assert.are.equal("HeadObject", err.operation)
    assert.are.equal(2, fake.requests)
  end)

  it("is redirected once only", function(t)
    local again = { status = 301, headers = { ["x-amz-bucket-region"] = "eu-west-2" }, body =
      "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>" }
    local fake = t:fake_service { MOVED, again }
    local s3 = fake:client "s3"
    local ok, err = pcall(s3.list_objects_v2, s3, { Bucket = "data" })
    assert.is_false(ok)
    assert.are.equal("PermanentRedirect", err.code)
    assert.are.equal(2, err.attempts)
  end)

  it("is not redirected to what is no region", function(t)
    local fake = t:fake_service { { status = 301, headers =
      { ["x-amz-bucket-region"] = "evil.example.com/" }, body = "" }, { status = 404 } }
    local s3 = fake:client "s3"
    local ok, err = pcall(s3.list_objects_v2, s3, { Bucket = "data" })
    assert.is_false(ok)
    assert.are.equal(301, err.status)
  end)

  it("sends a file from its beginning, and a function's bytes not again", function(t)
    local path = os.tmpname()
    t:finally(function() os.remove(path) end)
    awl.fs.write_file(path, "the whole file")
    local fake = t:fake_service { MOVED, { output = {} }, MOVED }
    local s3 = fake:client "s3"
    local file <close> = awl.fs.open(path, "r")
    s3:put_object { Bucket = "data", Key = "k", Body = file }
    assert.are.equal("the whole file", fake.seen[2].body)

    local pieces = { "one ", "two" }
    local other = fake:client "s3"
    local ok, err = pcall(other.put_object, other, { Bucket = "moved", Key = "k",
      Body = function() return table.remove(pieces, 1) end, ContentLength = 7 })
    assert.is_false(ok)
    assert.are.equal("PermanentRedirect", err.code)
    assert.are.equal(3, fake.requests)
    assert.truthy(other:prepare("HeadBucket", { Bucket = "moved" })
      .headers.Authorization:find("/eu-west-1/s3/", 1, true))
  end)

  it("that makes a bucket is not", function(t)
    local fake = t:fake_service { { code = "IllegalLocationConstraintException", status = 400 } }
    local s3 = fake:client "s3"
    local ok = pcall(s3.create_bucket, s3, { Bucket = "data" })
    assert.is_false(ok)
    assert.are.equal(1, fake.requests)
  end)
end)

describe("a client", function()
  it("remembers a thousand buckets that are elsewhere", function(t)
    local fake = t:fake_service(function(request)
      return regions { seen = { request } }[1] == "us-east-1" and MOVED or { output = {} }
    end)
    local s3 = fake:client "s3"
    for i = 1, 1001 do s3:head_bucket { Bucket = "b" .. i } end
    assert.are.equal(2002, fake.requests)
    s3:head_bucket { Bucket = "b2" }
    assert.are.equal(2003, fake.requests)
    s3:head_bucket { Bucket = "b1" } -- not used for longest, so forgotten
    assert.are.equal(2005, fake.requests)
  end)
end)

describe("where a bucket is", function()
  it("is asked of a host that does not name the bucket", function()
    local s3 = awl.client("s3", { region = "eu-west-1",
      credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" } })
    assert.are.equal("https://s3.eu-west-1.amazonaws.com/data?location",
      (s3:prepare("GetBucketLocation", { Bucket = "data" }).url))
  end)

  it("a bucket's ARN is no path, also where the endpoint is one's own", function()
    local s3 = awl.client("s3", { region = "eu-west-1", endpoint_url = "http://127.0.0.1:1",
      credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" } })
    local url = s3:prepare("ListObjectsV2",
      { Bucket = "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine" }).url
    assert.are.equal("http://mine-123456789012.127.0.0.1:1/", (url:match "^[^?]+"))
  end)
end)

describe("an accelerated client", function()
  local function host(operation, input)
    return (awl.client("s3", { region = "eu-west-1", use_accelerate_endpoint = true,
      credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" } })
      :prepare(operation, input).url:match "^https://([^/]+)")
  end

  it("calls the accelerated host", function()
    assert.are.equal("data.s3-accelerate.amazonaws.com",
      host("HeadObject", { Bucket = "data", Key = "k" }))
    assert.are.equal("data.s3-accelerate.amazonaws.com",
      host("GetBucketLocation", { Bucket = "data" }))
  end)

  it("does not for what that host does not know", function()
    assert.are.equal("data.s3.eu-west-1.amazonaws.com", host("CreateBucket", { Bucket = "data" }))
    assert.are.equal("data.s3.eu-west-1.amazonaws.com", host("DeleteBucket", { Bucket = "data" }))
    assert.are.equal("s3.eu-west-1.amazonaws.com", host("ListBuckets"))
  end)
end)
