-- S3 of the emulator, through awl's own client.
local awl = require "awl"

--- Runs fn with a client and a bucket "box".
local function with_bucket(t, fn)
  local emulator <close> = t:emulator()
  local s3 = emulator:client "s3"
  s3:create_bucket { Bucket = "box" }
  fn(s3, emulator)
end

local function code_of(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err.code, err.status
end

local function put_all(s3, keys)
  for _, key in ipairs(keys) do s3:put_object { Bucket = "box", Key = key, Body = key } end
end

local function keys_of(page)
  local keys = {}
  for i, object in ipairs(page.Contents or {}) do keys[i] = object.Key end
  return keys
end

local function prefixes_of(page)
  local prefixes = {}
  for i, entry in ipairs(page.CommonPrefixes or {}) do prefixes[i] = entry.Prefix end
  return prefixes
end

describe("buckets", function()
  it("are created, listed, found and deleted", function(t)
    with_bucket(t, function(s3)
      s3:create_bucket { Bucket = "abroad",
        CreateBucketConfiguration = { LocationConstraint = "eu-west-1" } }
      local names = {}
      for _, bucket in ipairs(s3:list_buckets().Buckets) do names[#names + 1] = bucket.Name end
      assert.are.same({ "abroad", "audit-me", "box" }, names)
      assert.are.equal("eu-west-1", s3:head_bucket { Bucket = "abroad" }.BucketRegion)
      assert.are.equal("eu-west-1",
        s3:get_bucket_location { Bucket = "abroad" }.LocationConstraint)
      s3:delete_bucket { Bucket = "abroad" }
      assert.are.equal("NoSuchBucket",
        (code_of(s3.list_objects_v2, s3, { Bucket = "abroad" })))
    end)
  end)

  it("of directories are listed apart, and called with the keys of a session", function(t)
    local emulator <close> = t:emulator { verify = true }
    local s3 = emulator:client "s3"
    local name = "box--usw2-az1--x-s3"
    s3:create_bucket { Bucket = name }
    s3:put_object { Bucket = name, Key = "k", Body = "bytes" }
    assert.are.equal("bytes", s3:get_object { Bucket = name, Key = "k" }.Body:read "a")
    assert.are.equal(1, #s3:list_directory_buckets().Buckets)
    for _, bucket in ipairs(s3:list_buckets().Buckets) do
      assert.are_not.equal(name, bucket.Name)
    end
  end)

  it("that hold something are not deleted", function(t)
    with_bucket(t, function(s3)
      put_all(s3, { "k" })
      local code, status = code_of(s3.delete_bucket, s3, { Bucket = "box" })
      assert.are.equal("BucketNotEmpty", code)
      assert.are.equal(409, status)
    end)
  end)

  it("have names that S3 allows", function(t)
    with_bucket(t, function(s3)
      assert.are.equal("InvalidBucketName",
        (code_of(s3.create_bucket, s3, { Bucket = "Upper_Case" })))
    end)
  end)
end)

describe("objects", function()
  it("come back as they were put", function(t)
    with_bucket(t, function(s3)
      local key = "a b/ü+%41.txt"
      local put = s3:put_object { Bucket = "box", Key = key, Body = "hello\0world",
        ContentType = "text/x-test", Metadata = { color = "blue" }, CacheControl = "no-store" }
      local got = s3:get_object { Bucket = "box", Key = key }
      assert.are.equal("hello\0world", got.Body:read "a")
      assert.are.equal("text/x-test", got.ContentType)
      assert.are.equal("blue", got.Metadata.color)
      assert.are.equal("no-store", got.CacheControl)
      assert.are.equal(put.ETag, got.ETag)
      local head = s3:head_object { Bucket = "box", Key = key }
      assert.are.equal(11, head.ContentLength)
      assert.are.equal(put.ETag, head.ETag)
    end)
  end)

  it("have the MD5 of their bytes as ETag", function(t)
    with_bucket(t, function(s3)
      assert.are.equal('"5d41402abc4b2a76b9719d911017c592"',
        s3:put_object { Bucket = "box", Key = "k", Body = "hello" }.ETag)
    end)
  end)

  it("are read in ranges", function(t)
    with_bucket(t, function(s3)
      s3:put_object { Bucket = "box", Key = "k", Body = "0123456789" }
      local function range(text)
        local got = s3:get_object { Bucket = "box", Key = "k", Range = text }
        return got.Body:read "a", got.ContentRange, got.ResponseMetadata.HTTPStatusCode
      end
      local bytes, content_range, status = range "bytes=2-4"
      assert.are.equal("234", bytes)
      assert.are.equal("bytes 2-4/10", content_range)
      assert.are.equal(206, status)
      assert.are.equal("89", (range "bytes=-2"))
      assert.are.equal("789", (range "bytes=7-"))
      assert.are.equal("InvalidRange", (code_of(range, "bytes=10-12")))
    end)
  end)

  it("answer to If-Match and If-None-Match", function(t)
    with_bucket(t, function(s3)
      local etag = s3:put_object { Bucket = "box", Key = "k", Body = "x" }.ETag
      local code, status = code_of(s3.get_object, s3,
        { Bucket = "box", Key = "k", IfMatch = '"no"' })
      assert.are.equal("PreconditionFailed", code)
      assert.are.equal(412, status)
      status = select(2, code_of(s3.get_object, s3,
        { Bucket = "box", Key = "k", IfNoneMatch = etag }))
      assert.are.equal(304, status)
      assert.are.equal("PreconditionFailed", (code_of(s3.put_object, s3,
        { Bucket = "box", Key = "k", Body = "y", IfNoneMatch = "*" })))
    end)
  end)

  it("that are not there are NoSuchKey", function(t)
    with_bucket(t, function(s3)
      local code, status = code_of(s3.get_object, s3, { Bucket = "box", Key = "none" })
      assert.are.equal("NoSuchKey", code)
      assert.are.equal(404, status)
      status = select(2, code_of(s3.head_object, s3, { Bucket = "box", Key = "none" }))
      assert.are.equal(404, status)
    end)
  end)

  it("are refused when their digest is another", function(t)
    with_bucket(t, function(s3)
      local md5 = awl.base64.encode(("x"):rep(16))
      assert.are.equal("BadDigest", (code_of(s3.put_object, s3,
        { Bucket = "box", Key = "k", Body = "hello", ContentMD5 = md5 })))
      assert.are.equal("BadDigest", (code_of(s3.put_object, s3,
        { Bucket = "box", Key = "k", Body = "hello", ChecksumCRC32 = "AAAAAA==" })))
      assert.are.equal("InvalidDigest", (code_of(s3.put_object, s3,
        { Bucket = "box", Key = "k", Body = "hello", ContentMD5 = "!" })))
    end)
  end)

  it("are copied with their metadata, or with new ones", function(t)
    with_bucket(t, function(s3)
      s3:put_object { Bucket = "box", Key = "a b", Body = "x", Metadata = { m = "1" } }
      s3:copy_object { Bucket = "box", Key = "c", CopySource = "box/a b" }
      assert.are.equal("1", s3:head_object { Bucket = "box", Key = "c" }.Metadata.m)
      s3:copy_object { Bucket = "box", Key = "c", CopySource = "box/c",
        MetadataDirective = "REPLACE", Metadata = { m = "2" } }
      assert.are.equal("2", s3:head_object { Bucket = "box", Key = "c" }.Metadata.m)
      assert.are.equal("InvalidRequest", (code_of(s3.copy_object, s3,
        { Bucket = "box", Key = "c", CopySource = "box/c" })))
    end)
  end)

  it("are deleted one by one and many at once", function(t)
    with_bucket(t, function(s3)
      put_all(s3, { "a", "b", "c" })
      s3:delete_object { Bucket = "box", Key = "a" }
      s3:delete_object { Bucket = "box", Key = "never there" }
      local deleted = s3:delete_objects { Bucket = "box",
        Delete = { Objects = { { Key = "b" }, { Key = "x" } } } }.Deleted
      assert.are.same({ { Key = "b" }, { Key = "x" } }, deleted)
      assert.are.same({ "c" }, keys_of(s3:list_objects_v2 { Bucket = "box" }))
    end)
  end)
end)

describe("listings", function()
  it("have pages that hold every key once", function(t)
    with_bucket(t, function(s3)
      local keys = {}
      for i = 1, 25 do keys[i] = ("k%02d"):format(i) end
      put_all(s3, keys)
      local seen, pages = {}, 0
      for page in s3:pages("list_objects_v2", { Bucket = "box", MaxKeys = 10 }) do
        pages = pages + 1
        table.move(keys_of(page), 1, #page.Contents, #seen + 1, seen)
      end
      assert.are.same(keys, seen)
      assert.are.equal(3, pages)
    end)
  end)

  it("roll keys up to a delimiter, across pages too", function(t)
    with_bucket(t, function(s3)
      put_all(s3, { "a/1", "a/2", "b", "c/1", "c/d/2", "e" })
      local page = s3:list_objects_v2 { Bucket = "box", Delimiter = "/", MaxKeys = 2 }
      assert.are.same({ "b" }, keys_of(page))
      assert.are.same({ "a/" }, prefixes_of(page))
      page = s3:list_objects_v2 { Bucket = "box", Delimiter = "/",
        ContinuationToken = page.NextContinuationToken }
      assert.are.same({ "e" }, keys_of(page))
      assert.are.same({ "c/" }, prefixes_of(page))
      page = s3:list_objects_v2 { Bucket = "box", Delimiter = "/", Prefix = "c/" }
      assert.are.same({ "c/1" }, keys_of(page))
      assert.are.same({ "c/d/" }, prefixes_of(page))
    end)
  end)

  it("begin after a key, and tell owners when asked", function(t)
    with_bucket(t, function(s3)
      put_all(s3, { "a", "b", "c" })
      local page = s3:list_objects_v2 { Bucket = "box", StartAfter = "a", FetchOwner = true }
      assert.are.same({ "b", "c" }, keys_of(page))
      assert.are.equal("local", page.Contents[1].Owner.DisplayName)
      assert.are.equal(2, page.KeyCount)
    end)
  end)

  it("of the first version go on behind a marker", function(t)
    with_bucket(t, function(s3)
      put_all(s3, { "a/1", "b", "c" })
      local page = s3:list_objects { Bucket = "box", Delimiter = "/", MaxKeys = 1 }
      assert.are.same({ "a/" }, prefixes_of(page))
      assert.are.equal("a/", page.NextMarker)
      page = s3:list_objects { Bucket = "box", Delimiter = "/", Marker = page.NextMarker }
      assert.are.same({ "b", "c" }, keys_of(page))
    end)
  end)

  it("spell keys that XML cannot hold", function(t)
    with_bucket(t, function(s3)
      put_all(s3, { "a&<b>\1 +.txt" })
      assert.are.same({ "a&<b>\1 +.txt" }, keys_of(s3:list_objects_v2 { Bucket = "box" }))
    end)
  end)

  it("refuse a token that is none", function(t)
    with_bucket(t, function(s3)
      assert.are.equal("InvalidArgument", (code_of(s3.list_objects_v2, s3,
        { Bucket = "box", ContinuationToken = "nonsense" })))
    end)
  end)
end)

describe("access lists", function()
  local ALL = "http://acs.amazonaws.com/groups/global/AllUsers"

  it("are the owner's alone at first", function(t)
    with_bucket(t, function(s3)
      put_all(s3, { "k" })
      local acl = s3:get_object_acl { Bucket = "box", Key = "k" }
      assert.are.equal(1, #acl.Grants)
      assert.are.equal("FULL_CONTROL", acl.Grants[1].Permission)
      assert.are.equal("CanonicalUser", acl.Grants[1].Grantee.Type)
      assert.are.equal(acl.Owner.ID, acl.Grants[1].Grantee.ID)
    end)
  end)

  it("are set by a canned one, by headers and by a policy", function(t)
    with_bucket(t, function(s3)
      put_all(s3, { "k" })
      local function grants()
        return s3:get_object_acl { Bucket = "box", Key = "k" }.Grants
      end
      s3:put_object_acl { Bucket = "box", Key = "k", ACL = "public-read" }
      assert.are.equal(ALL, grants()[2].Grantee.URI)
      s3:put_object_acl { Bucket = "box", Key = "k", GrantReadACP = 'uri="' .. ALL .. '"' }
      assert.are.same({ { Grantee = { Type = "Group", URI = ALL }, Permission = "READ_ACP" } },
        grants())
      local owner = s3:get_object_acl { Bucket = "box", Key = "k" }.Owner
      local policy = { Owner = owner, Grants = {
        { Grantee = { Type = "CanonicalUser", ID = "abc" }, Permission = "READ" } } }
      s3:put_object_acl { Bucket = "box", Key = "k", AccessControlPolicy = policy }
      assert.are.same(policy.Grants, grants())
    end)
  end)

  it("are there for buckets too", function(t)
    with_bucket(t, function(s3)
      s3:put_bucket_acl { Bucket = "box", ACL = "authenticated-read" }
      assert.are.equal(2, #s3:get_bucket_acl { Bucket = "box" }.Grants)
    end)
  end)
end)

describe("multipart uploads", function()
  it("make one object of their parts", function(t)
    with_bucket(t, function(s3)
      local where = { Bucket = "box", Key = "big" }
      local id = s3:create_multipart_upload {
        Bucket = "box", Key = "big", ContentType = "text/x-big" }.UploadId
      local first = ("x"):rep(5 * 1024 * 1024)
      local parts = {}
      for number, bytes in ipairs { first, "end" } do
        parts[number] = { PartNumber = number, ETag = s3:upload_part {
          Bucket = "box", Key = "big", UploadId = id, PartNumber = number, Body = bytes }.ETag }
      end
      assert.are.equal(2,
        #s3:list_parts { Bucket = "box", Key = "big", UploadId = id }.Parts)
      local done = s3:complete_multipart_upload { Bucket = "box", Key = "big", UploadId = id,
        MultipartUpload = { Parts = parts } }
      assert.is_truthy(done.ETag:find '%-2"$')
      local got = s3:get_object(where)
      assert.are.equal("text/x-big", got.ContentType)
      assert.is_true(got.Body:read "a" == first .. "end")
    end)
  end)

  it("are refused with a part too small, and forgotten when aborted", function(t)
    with_bucket(t, function(s3)
      local id = s3:create_multipart_upload { Bucket = "box", Key = "big" }.UploadId
      local parts = {}
      for number = 1, 2 do
        parts[number] = { PartNumber = number, ETag = s3:upload_part { Bucket = "box",
          Key = "big", UploadId = id, PartNumber = number, Body = "small" }.ETag }
      end
      assert.are.equal("EntityTooSmall", (code_of(s3.complete_multipart_upload, s3,
        { Bucket = "box", Key = "big", UploadId = id, MultipartUpload = { Parts = parts } })))
      s3:abort_multipart_upload { Bucket = "box", Key = "big", UploadId = id }
      assert.are.equal("NoSuchUpload", (code_of(s3.list_parts, s3,
        { Bucket = "box", Key = "big", UploadId = id })))
    end)
  end)
end)

describe("the bucket that comes along", function()
  it("has 2,500 objects, the same for the same seed", function(t)
    local function contents(seed)
      local emulator <close> = t:emulator { seed = seed }
      local s3, lines = emulator:client "s3", {}
      for page in s3:pages("list_objects_v2", { Bucket = "audit-me" }) do
        for _, object in ipairs(page.Contents) do
          lines[#lines + 1] = object.Key .. object.ETag .. object.LastModified
        end
      end
      return lines
    end
    local first = contents(7)
    assert.are.equal(2500, #first)
    assert.is_true(table.concat(first) == table.concat(contents(7)))
    assert.is_false(table.concat(first) == table.concat(contents(8)))
  end)
end)
