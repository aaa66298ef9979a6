-- What S3's inputs and outputs need beyond the model.
local awl = require "awl"

local function s3()
  return awl.client("s3", {
    region = "eu-west-1",
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  })
end

local function headers(operation, input)
  local found = {}
  for name, value in pairs(s3():prepare(operation, input).headers) do
    found[name:lower()] = value
  end
  return found
end

local function message(operation, input)
  local client = s3()
  local ok, err = pcall(client.prepare, client, operation, input)
  assert.is_false(ok)
  assert.are.equal("input", err.kind)
  return tostring(err)
end

describe("lists of objects", function()
  it("are asked for encoded and come back decoded", function(t)
    local fake = t:fake_service { { output = {
      EncodingType = "url", Prefix = "a%2Bb", Contents = { { Key = "x%01+y%20z" } },
      CommonPrefixes = { { Prefix = "%C3%A9/" } },
    } } }
    local input = { Bucket = "data" }
    local page = fake:client "s3":list_objects_v2(input)
    assert.truthy(fake.seen[1].query:find("encoding-type=url", 1, true))
    assert.are.equal("a+b", page.Prefix)
    assert.are.equal("x\1 y z", page.Contents[1].Key)
    assert.are.equal("é/", page.CommonPrefixes[1].Prefix)
    assert.is_nil(input.EncodingType)
  end)

  it("stay as they come where the caller asked for the encoding", function(t)
    local fake = t:fake_service { { output = {
      EncodingType = "url", Contents = { { Key = "x%20z" } },
    } } }
    local page = fake:client "s3":list_objects_v2 { Bucket = "data", EncodingType = "url" }
    assert.are.equal("x%20z", page.Contents[1].Key)
  end)

  it("stay as they come where the server did not encode", function(t)
    local fake = t:fake_service { { output = {
      Versions = { { Key = "100%25" } },
    } } }
    local page = fake:client "s3":list_object_versions { Bucket = "data" }
    assert.are.equal("100%25", page.Versions[1].Key)
  end)
end)

describe("a bucket's location", function()
  it("is the text of the answer", function(t)
    local fake = t:fake_service { { status = 200, body =
      '<?xml version="1.0"?><LocationConstraint>EU</LocationConstraint>' } }
    assert.are.equal("EU",
      fake:client "s3":get_bucket_location { Bucket = "data" }.LocationConstraint)
  end)
end)

describe("a customer's key", function()
  local key = ("k"):rep(32)

  it("is sent in base64 with its MD5", function()
    local sent = headers("put_object", { Bucket = "data", Key = "k", Body = "",
      SSECustomerAlgorithm = "AES256", SSECustomerKey = key })
    local name = "x-amz-server-side-encryption-customer-key"
    assert.are.equal("a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", sent[name])
    assert.are.equal("mT2HRsMGJ5IX5C+0rreZ8Q==", sent[name .. "-md5"])
  end)

  it("is left alone where its MD5 is given", function()
    local sent = headers("copy_object", { Bucket = "data", Key = "k", CopySource = "a/b",
      CopySourceSSECustomerKey = "already", CopySourceSSECustomerKeyMD5 = "there" })
    assert.are.equal("already",
      sent["x-amz-copy-source-server-side-encryption-customer-key"])
  end)
end)

describe("a copy source", function()
  local function source(value)
    return headers("copy_object", { Bucket = "data", Key = "k", CopySource = value })
      ["x-amz-copy-source"]
  end

  it("is encoded but for its version", function()
    assert.are.equal("from/a%20b/%C3%A9.txt?versionId=v1", source "from/a b/é.txt?versionId=v1")
  end)

  it("may be a table", function()
    assert.are.equal("from/a%3FversionId%3D7",
      source { Bucket = "from", Key = "a?versionId=7" })
    assert.are.equal("from/k?versionId=v1",
      source { Bucket = "from", Key = "k", VersionId = "v1" })
    assert.truthy(message("copy_object", { Bucket = "data", Key = "k",
      CopySource = { Bucket = "from" } }):find("Key must be a string", 1, true))
  end)
end)

describe("before anything is sent", function()
  it("names that cannot be a bucket's are refused", function()
    for _, name in ipairs { "a b", "a/b", ("x"):rep(256), "é" } do
      assert.truthy(message("list_objects_v2", { Bucket = name })
        :find("no name of a bucket", 1, true))
    end
    message("list_objects_v2", { Bucket = "" })
  end)

  it("an empty key is refused", function()
    message("get_object", { Bucket = "data", Key = "" })
    message("delete_object", { Bucket = "data", Key = "" })
  end)

  it("metadata beyond ASCII is refused", function()
    assert.truthy(message("put_object", { Bucket = "data", Key = "k", Body = "",
      Metadata = { owner = "Zoë" } }):find("must be ASCII", 1, true))
    assert.are.equal("me", headers("put_object", { Bucket = "data", Key = "k", Body = "",
      Metadata = { owner = "me" } })["x-amz-meta-owner"])
  end)
end)
