-- URLs that carry their signature.
local awl = require "awl"

local function client(service, options)
  local all = {
    region = "eu-west-1",
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  }
  for key, value in pairs(options or {}) do all[key] = value end
  return awl.client(service, all)
end

local function parameters(url)
  local found = {}
  for key, value in url:match "%?(.*)":gmatch "([^&=]+)=([^&]*)" do found[key] = value end
  return found
end

describe("client:presign", function()
  it("gives S3's regional URL, good for an hour", function()
    local url = client("s3"):presign("get_object", { Bucket = "data", Key = "a b/c.txt" })
    assert.are.equal("https://data.s3.eu-west-1.amazonaws.com/a%20b/c.txt",
      url:match "^[^?]*")
    local found = parameters(url)
    assert.are.equal("AWS4-HMAC-SHA256", found["X-Amz-Algorithm"])
    assert.are.equal("3600", found["X-Amz-Expires"])
    assert.are.equal("host", found["X-Amz-SignedHeaders"])
    assert.truthy(found["X-Amz-Credential"]:find("AKIDTEST%2F", 1, true))
    assert.are.equal(64, #found["X-Amz-Signature"])
    assert.is_nil(found["x-amz-checksum-mode"])
  end)

  it("keeps the operation's own parameters and says which headers to send", function()
    local url, headers = client("s3"):presign("put_object",
      { Bucket = "data", Key = "k", ContentType = "text/plain" }, { expires_in = 60 })
    assert.are.equal("60", parameters(url)["X-Amz-Expires"])
    assert.are.equal("content-type%3Bhost", parameters(url)["X-Amz-SignedHeaders"])
    assert.are.same({ ["Content-Type"] = "text/plain" }, headers)
    url = client("s3"):presign("get_object", { Bucket = "data", Key = "k", VersionId = "7" })
    assert.are.equal("7", parameters(url).versionId)
  end)

  it("puts the form of a query service into the URL", function()
    local url, headers = client("sts", { credentials = {
      access_key_id = "AKIDTEST", secret_access_key = "secret", session_token = "to/ken",
    } }):presign("get_caller_identity")
    local found = parameters(url)
    assert.are.equal("GetCallerIdentity", found.Action)
    assert.are.equal("2011-06-15", found.Version)
    assert.are.equal("to%2Fken", found["X-Amz-Security-Token"])
    assert.are.same({}, headers)
  end)

  it("puts the input of Polly into a URL that a browser plays", function()
    local url, headers = client("polly"):presign("synthesize_speech", {
      OutputFormat = "mp3", Text = "a \"b\" & c", VoiceId = "Vicki", LexiconNames = { "x", "y" },
    })
    assert.are.equal("https://polly.eu-west-1.amazonaws.com/v1/speech", url:match "^[^?]*")
    assert.truthy(url:find("LexiconNames=x&LexiconNames=y&", 1, true))
    assert.are.equal("a%20%22b%22%20%26%20c", parameters(url).Text)
    assert.are.equal("host", parameters(url)["X-Amz-SignedHeaders"])
    assert.are.same({}, headers)
  end)

  it("signs for another method when asked to", function()
    local s3, input = client "s3", { Bucket = "data", Key = "k" }
    local urls = {}
    for _, method in ipairs { "GET", "HEAD" } do
      urls[method] = s3:presign("get_object", input, { method = method })
    end
    assert.are_not.equal(parameters(urls.GET)["X-Amz-Signature"],
      parameters(urls.HEAD)["X-Amz-Signature"])
    assert.is_false(pcall(s3.presign, s3, "get_object", input, { method = "FETCH" }))
  end)

  it("refuses a life of more than a week", function()
    local s3 = client "s3"
    for _, seconds in ipairs { 604801, 0, -1 } do
      local ok, err = pcall(s3.presign, s3, "list_buckets", {}, { expires_in = seconds })
      assert.is_false(ok)
      assert.truthy(tostring(err):find("between 1 and 604800", 1, true))
    end
    local ok, err = pcall(s3.presign, s3, "list_buckets", {}, { expires = 60 })
    assert.is_false(ok)
    assert.truthy(tostring(err):find("expires_in", 1, true))
  end)
end)
