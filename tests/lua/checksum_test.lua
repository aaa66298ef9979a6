-- Checksums of requests and answers, and compression.
local awl = require "awl"

local TEXT = ("0123456789"):rep(10000) -- a whole chunk and a part of one
local CRC32 = { hello = "NhCmhg==", TEXT = "HMW4hw==" }

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local OK = { status = 200, headers = { etag = '"e"' } }
local SUPPORTED = { request_checksum_calculation = "WHEN_SUPPORTED",
  response_checksum_validation = "when_supported" }
local ANONYMOUS = { sign = false, request_checksum_calculation = "when_supported" }

local function put(fake, body, options, extra)
  local input = { Bucket = "bbb", Key = "k", Body = body }
  for key, value in pairs(extra or {}) do input[key] = value end
  return fake:client("s3", options):put_object(input)
end

local function file_with(t, text)
  local path = os.tmpname()
  awl.fs.write_file(path, text)
  t:finally(function() os.remove(path) end)
  return awl.fs.open(path)
end

local function once(text)
  return function()
    local piece = text
    text = nil
    return piece
  end
end

local function unchunked(body)
  local pieces, at, signed = {}, 1, false
  while true do
    local first, last, length, signature = body:find("^(%x+)([^\r]*)\r\n", at)
    assert(first, "no chunk")
    signed = signed or signature ~= ""
    length = tonumber(length, 16)
    at = last + 1
    if length == 0 then break end
    pieces[#pieces + 1] = body:sub(at, at + length - 1)
    at = at + length
    assert.are.equal("\r\n", body:sub(at, at + 1))
    at = at + 2
  end
  return table.concat(pieces), body:sub(at), signed
end

describe("a checksum", function()
  it("of a string stands in a header", function(t)
    local fake = t:fake_service { OK }
    put(fake, "hello", SUPPORTED)
    local seen = fake.seen[1]
    assert.are.equal("hello", seen.body)
    assert.are.equal(CRC32.hello, seen.headers["x-amz-checksum-crc32"])
    assert.are.equal("CRC32", seen.headers["x-amz-sdk-checksum-algorithm"])
  end)

  it("of a file stands behind it", function(t)
    local fake = t:fake_service { OK }
    local file <close> = file_with(t, TEXT)
    put(fake, file, ANONYMOUS, { ContentEncoding = "gzip" })
    local seen = fake.seen[1]
    local body, trailer, signed = unchunked(seen.body)
    assert.are.equal(TEXT, body)
    assert.are.equal("x-amz-checksum-crc32:" .. CRC32.TEXT .. "\r\n\r\n", trailer)
    assert.is_false(signed)
    assert.are.equal("gzip, aws-chunked", seen.headers["content-encoding"])
    assert.are.equal("x-amz-checksum-crc32", seen.headers["x-amz-trailer"])
    assert.are.equal("100000", seen.headers["x-amz-decoded-content-length"])
    assert.are.equal(tostring(#seen.body), seen.headers["content-length"])
    assert.are.equal("STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      seen.headers["x-amz-content-sha256"])
  end)

  it("comes with signatures where the connection hides nothing", function(t)
    local fake = t:fake_service { OK }
    put(fake, once(TEXT), SUPPORTED, { ContentLength = #TEXT, ChecksumAlgorithm = "SHA256" })
    local seen = fake.seen[1]
    local body, trailer, signed = unchunked(seen.body)
    assert.are.equal(TEXT, body)
    assert.is_true(signed)
    assert.matches("^x%-amz%-checksum%-sha256:[%w+/]+=\r\nx%-amz%-trailer%-signature:%x+\r\n\r\n$",
      trailer)
    assert.are.equal("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
      seen.headers["x-amz-content-sha256"])
  end)

  it("is computed again for another attempt", function(t)
    local fake = t:fake_service { { status = 503 }, { close = true }, OK }
    local file <close> = file_with(t, TEXT)
    put(fake, file, ANONYMOUS)
    assert.are.equal(3, fake.requests)
    assert.are.equal(TEXT, (unchunked(fake.seen[3].body)))
    assert.are.equal(fake.seen[1].body, fake.seen[3].body)
    assert.are.equal("aws-chunked", fake.seen[3].headers["content-encoding"])
  end)

  it("that the caller gives is sent as it is", function(t)
    local fake = t:fake_service { OK }
    local file <close> = file_with(t, "hello")
    put(fake, file, SUPPORTED, { ChecksumCRC32 = CRC32.hello })
    local seen = fake.seen[1]
    assert.are.equal("hello", seen.body)
    assert.are.equal(CRC32.hello, seen.headers["x-amz-checksum-crc32"])
    assert.is_nil(seen.headers["x-amz-trailer"])
    assert.is_nil(seen.headers["x-amz-sdk-checksum-algorithm"])
  end)

  it("of any algorithm can be asked for", function(t)
    local fake = t:fake_service(function() return OK end)
    for name, value in pairs {
      CRC32C = "mnG7TA==", CRC64NVME = "M3eFcAZSQlc=", SHA1 = "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
      MD5 = "XUFAKrxLKna5cZ2REBfFkg==", XXHASH64 = "JseCfYifbaM=",
    } do
      put(fake, "hello", nil, { ChecksumAlgorithm = name })
      local headers = fake.seen[fake.requests].headers
      assert.are.equal(value, headers["x-amz-checksum-" .. name:lower()], name)
    end
    local err = failure(put, fake, "hello", nil, { ChecksumAlgorithm = "CRC7" })
    assert.are.equal("input", err.kind)
    assert.matches("'CRC7' is not known", err.message)
  end)

  it("is not sent unasked to an endpoint of the user's own", function(t)
    local fake = t:fake_service { OK, OK }
    put(fake, "hello")
    assert.is_nil(fake.seen[1].headers["x-amz-checksum-crc32"])
    local file <close> = file_with(t, "hello")
    put(fake, file)
    assert.are.equal("hello", fake.seen[2].body)
  end)

  it("is sent unasked to an endpoint of AWS's", function()
    local options = { region = "eu-west-1",
      credentials = { access_key_id = "A", secret_access_key = "s" } }
    local input = { Bucket = "bbb", Key = "k", Body = "hello" }
    for _, url in ipairs { false, "https://s3.eu-west-1.amazonaws.com",
                           "https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com:443/x",
                           "https://s3.dualstack.eu-west-1.api.aws" } do
      options.endpoint_url = url or nil
      local headers = awl.client("s3", options):prepare("put_object", input).headers
      assert.are.equal(CRC32.hello, headers["x-amz-checksum-crc32"], url)
    end
    options.endpoint_url = "https://amazonaws.com.example.org"
    local headers = awl.client("s3", options):prepare("put_object", input).headers
    assert.is_nil(headers["x-amz-checksum-crc32"])
  end)

  it("of a stream is not signed over TLS", function(t)
    local file <close> = file_with(t, "hello")
    local headers = awl.client("s3", { region = "eu-west-1",
      credentials = { access_key_id = "A", secret_access_key = "s" } })
      :prepare("put_object", { Bucket = "bbb", Key = "k", Body = file }).headers
    assert.are.equal("STREAMING-UNSIGNED-PAYLOAD-TRAILER", headers["X-Amz-Content-SHA256"])
    assert.are.equal("CRC32", headers["x-amz-sdk-checksum-algorithm"])
    assert.are.equal("5", headers["X-Amz-Decoded-Content-Length"])
  end)

  it("is Content-MD5 only where the caller says so", function(t)
    local fake = t:fake_service { OK }
    put(fake, "hello", SUPPORTED, { ContentMD5 = "XUFAKrxLKna5cZ2REBfFkg==" })
    assert.is_nil(fake.seen[1].headers["x-amz-checksum-crc32"])
  end)
end)

describe("the settings of checksums", function()
  it("are refused by name when they are no word of theirs", function(t)
    local fake = t:fake_service {}
    for _, name in ipairs { "request_checksum_calculation", "response_checksum_validation" } do
      assert.matches("'" .. name .. "' must be one of when_supported, when_required, not 'always'",
        failure(fake.client, fake, "s3", { [name] = "always" }).message)
    end
    for _, bad in ipairs { -1, 10485761, 1.5, "much" } do
      assert.matches("'request_min_compression_size_bytes' must be a whole number from 0 to 10485760",
        failure(fake.client, fake, "s3", { request_min_compression_size_bytes = bad }).message)
    end
  end)
end)

--- An answer to get_object with a checksum that is right, unless another is given.
local function object(text, headers, status)
  local all = { ["x-amz-checksum-crc32"] = CRC32.hello }
  for name, value in pairs(headers or {}) do all[name] = value or nil end
  return { status = status or 200, headers = all, body = text }
end

local function get(fake, options, extra)
  local input = { Bucket = "bbb", Key = "k" }
  for key, value in pairs(extra or {}) do input[key] = value end
  return fake:client("s3", options or SUPPORTED):get_object(input)
end

describe("a download", function()
  it("is compared with its checksum", function(t)
    local fake = t:fake_service { object "hello" }
    local res = get(fake)
    assert.are.equal("hello", res.Body:read())
    assert.are.equal("crc32", res.ResponseMetadata.ChecksumAlgorithm)
    assert.are.equal("ENABLED", fake.seen[1].headers["x-amz-checksum-mode"])
  end)

  it("is not, where that is neither wanted nor possible", function(t)
    local fake = t:fake_service {
      object "other", object("other", { ["x-amz-checksum-crc32"] = "NhCmhg==-3" }),
      object("ell", { ["content-range"] = "bytes 1-3/5" }, 206),
    }
    local res = get(fake, { response_checksum_validation = "when_required" })
    assert.are.equal("other", res.Body:read())
    assert.is_nil(fake.seen[1].headers["x-amz-checksum-mode"])
    assert.is_nil(res.ResponseMetadata.ChecksumAlgorithm)
    assert.are.equal("other", get(fake).Body:read())
    assert.are.equal("ell", get(fake, nil, { Range = "bytes=1-3" }).Body:read())
  end)

  it("is compared at the caller's wish", function(t)
    local fake = t:fake_service { object "other" }
    local res = get(fake, {}, { ChecksumMode = "ENABLED" })
    assert.are.equal("ChecksumMismatch", failure(res.Body.read, res.Body).code)
  end)

  it("is compared when a range is all of it", function(t)
    local fake = t:fake_service { object("other", { ["content-range"] = "bytes 0-4/5" }, 206) }
    local res = get(fake)
    assert.are.equal("ChecksumMismatch", failure(res.Body.read, res.Body).code)
  end)

  it("that is not what was sent is an error however it is read", function(t)
    local readers = {
      function(body) return body:read() end,
      function(body) repeat local piece = body:read(2) until not piece end,
      function(body) for _ in body:chunks() do end end,
      function(body) for _ in body:lines() do end end,
    }
    local fake = t:fake_service(function() return object "jello" end)
    for _, read in ipairs(readers) do
      local err = failure(read, get(fake).Body)
      assert.are.equal("transport", err.kind)
      assert.are.equal("ChecksumMismatch", err.code)
      assert.are.equal("GetObject", err.operation)
      assert.matches("CRC32 %S+, the one that was sent has NhCmhg==", err.message)
    end
  end)

  it("that is not what was sent is not saved", function(t)
    local path = os.tmpname()
    os.remove(path)
    local fake = t:fake_service { object "jello", object "hello" }
    local body = get(fake).Body
    assert.are.equal("ChecksumMismatch", failure(body.save, body, path).code)
    assert.is_nil(io.open(path))
    t:finally(function() os.remove(path) end)
    body = get(fake).Body
    assert.are.equal("h", body:read(1))
    assert.are.equal(4, body:save(path))
    assert.are.equal("ello", awl.fs.read_file(path))
  end)

  it("is compared by the strongest of its checksums that we may ask for", function(t)
    local fake = t:fake_service { object("hello", {
      ["x-amz-checksum-crc32"] = "AAAAAA==", ["x-amz-checksum-crc64nvme"] = "M3eFcAZSQlc=" }) }
    local res = get(fake)
    assert.are.equal("hello", res.Body:read())
    assert.are.equal("crc64nvme", res.ResponseMetadata.ChecksumAlgorithm)
  end)
end)

describe("an answer of DynamoDB", function()
  local function answer(crc)
    return { headers = { ["x-amz-crc32"] = crc }, body = '{"TableNames":["t"]}' }
  end

  it("is asked for again when it has been damaged", function(t)
    local fake = t:fake_service { answer "17", answer "2143629153" }
    assert.are.same({ "t" }, fake:client("dynamodb"):list_tables().TableNames)
    assert.are.equal(2, fake.requests)
  end)

  it("that may not be asked for again leaves the outcome unknown", function(t)
    local fake = t:fake_service { answer "17" }
    local err = failure(function()
      fake:client("dynamodb"):put_item { TableName = "t", Item = { id = { S = "1" } } }
    end)
    assert.are.equal("ChecksumMismatch", err.code)
    assert.is_true(err.unknown_outcome)
    assert.are.equal(1, fake.requests)
  end)
end)

describe("a body that the service takes compressed", function()
  local function send(fake, options, count)
    local data = {}
    for i = 1, count do data[i] = { MetricName = "metric", Value = 1.0 } end
    fake:client("cloudwatch", options):put_metric_data { Namespace = "n", MetricData = data }
    return fake.seen[fake.requests]
  end

  it("is compressed when it is long", function(t)
    local fake = t:fake_service(function() return { output = {} } end)
    local seen = send(fake, nil, 1000)
    assert.are.equal("gzip", seen.headers["content-encoding"])
    assert.are.equal("\31\139", seen.body:sub(1, 2))
    assert.is_true(#seen.body < 10240)
    assert.are.equal(tostring(#seen.body), seen.headers["content-length"])
  end)

  it("is left alone when it is short or nobody wants it", function(t)
    local fake = t:fake_service(function() return { output = {} } end)
    assert.is_nil(send(fake, nil, 1).headers["content-encoding"])
    assert.is_nil(send(fake, { disable_request_compression = true }, 1000)
      .headers["content-encoding"])
    assert.is_nil(send(fake, { request_min_compression_size_bytes = 10485760 }, 1000)
      .headers["content-encoding"])
    assert.are.equal("gzip", send(fake, { request_min_compression_size_bytes = 0 }, 1)
      .headers["content-encoding"])
  end)
end)

describe("a file whose hash belongs into the signature", function()
  local function publish(fake, content)
    return fake:client("codeartifact"):publish_package_version {
      domain = "dd", repository = "rr", format = "generic", package = "p",
      packageVersion = "1", assetName = "a", assetSHA256 = ("0"):rep(64),
      assetContent = content,
    }
  end

  it("is read twice", function(t)
    local fake = t:fake_service { OK, { body = "{}" } }
    local file <close> = file_with(t, "x" .. TEXT)
    file:seek("set", 1)
    put(fake, file)
    assert.are.equal(TEXT, fake.seen[1].body)
    assert.are.equal("aca9e593cc629cbaa94cd5a07dc029424aad93e5129e5d11f8dcd2f139c16cc0",
      fake.seen[1].headers["x-amz-content-sha256"])
    file:seek("set", 1)
    publish(fake, file)
    assert.are.equal(TEXT, fake.seen[2].body)
  end)

  it("of an archive gets its tree hash too", function(t)
    local fake = t:fake_service { { status = 201 } }
    local file <close> = file_with(t, "hello")
    local glacier = fake:client "glacier"
    local hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    glacier:upload_archive { vaultName = "v", body = file }
    assert.are.equal("hello", fake.seen[1].body)
    assert.are.equal(hash, fake.seen[1].headers["x-amz-content-sha256"])
    assert.are.equal(hash, fake.seen[1].headers["x-amz-sha256-tree-hash"])
    assert.matches("not as a function", failure(glacier.upload_archive, glacier,
      { vaultName = "v", body = once "x" }).message)
  end)

  it("cannot be a function", function(t)
    local fake = t:fake_service {}
    assert.matches("give it as a string or a file", failure(publish, fake, once "x").message)
  end)
end)
