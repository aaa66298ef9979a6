--- S3: buckets and objects in memory. Listings, access lists and multipart uploads are in
--- the folder of this name.
local acl = require "awl.emulator.s3.acl"
local body = require "awl.emulator.s3.body"
local conditions = require "awl.emulator.s3.conditions"
local fault = require "awl.emulator.fault"
local store = require "awl.emulator.s3.store"
local temporary_keys = require "awl.emulator.temporary_keys"
local time = require "awl.time"
local uri = require "awl.emulator.uri"

-- Members that an object keeps as they were put.
local KEPT = {
  "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType",
  "Expires", "Metadata", "WebsiteRedirectLocation",
}

local function copy(from, names, to)
  for _, name in ipairs(names) do to[name] = from[name] end
  return to
end

--- What GetObject and HeadObject say of an object.
local function describe(object, input)
  local output = copy(object, KEPT, {
    AcceptRanges = "bytes", ContentLength = #object.Body, ETag = object.ETag,
    LastModified = object.LastModified, ServerSideEncryption = "AES256",
  })
  if object.StorageClass ~= "STANDARD" then output.StorageClass = object.StorageClass end
  if input.ChecksumMode == "ENABLED" then
    for name, value in pairs(object.checksums) do output[name] = value end
  end
  for _, name in ipairs { "CacheControl", "ContentDisposition", "ContentEncoding",
    "ContentLanguage", "ContentType" } do
    output[name] = input["Response" .. name] or output[name]
  end
  return output
end

--- "bytes=0-9", "bytes=10-", "bytes=-5"; nil for what is no range.
local function parse_range(text, size)
  local first, last = text:match "^bytes=(%d*)%-(%d*)$"
  if not first or (first == "" and last == "") then return nil end
  if first == "" then return math.max(0, size - tonumber(last)), size - 1 end
  return tonumber(first), math.min(tonumber(last) or size - 1, size - 1)
end

local function apply_range(output, object, range, context)
  local size = #object.Body
  local first, last = parse_range(range, size)
  if not first then return end
  if first >= size or last < first then
    fault("InvalidRange", "The requested range is not satisfiable", 416,
      { headers = { ["Content-Range"] = "bytes */" .. size } })
  end
  if last - first + 1 < size then -- as S3: a part has no checksum
    for name in pairs(object.checksums) do output[name] = nil end
  end
  output.ContentLength = last - first + 1
  output.ContentRange = ("bytes %d-%d/%d"):format(first, last, size)
  output.Body = object.Body:sub(first + 1, last + 1)
  context.status = 206
end

local function add_buckets(s3, buckets, emulator)
  function s3.CreateBucket(input, context)
    local wanted = input.CreateBucketConfiguration
    local region = wanted and wanted.LocationConstraint or "us-east-1"
    if store.find(buckets, input.Bucket) and region ~= "us-east-1" then
      fault("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket "
        .. "succeeded and you already own it.", 409)
    end
    if not store.find(buckets, input.Bucket) then
      local bucket = store.create(buckets, input.Bucket, region)
      bucket.acl = acl.from_input(input, emulator)
    end
    context.headers["x-amz-bucket-region"] = region
    return { Location = "/" .. input.Bucket }
  end

  function s3.HeadBucket(input)
    return { BucketRegion = store.bucket(buckets, input.Bucket).region }
  end

  function s3.DeleteBucket(input)
    store.delete(buckets, input.Bucket)
  end

  --- A session is no more than keys for five minutes.
  function s3.CreateSession(input)
    store.bucket(buckets, input.Bucket)
    return { Credentials = temporary_keys(emulator, 300) }
  end

  function s3.ListDirectoryBuckets()
    local list = {}
    for _, name in ipairs(store.bucket_names(buckets)) do
      if store.is_directory(name) then
        list[#list + 1] = { Name = name, CreationDate = buckets[name].created }
      end
    end
    return { Buckets = list }
  end

  function s3.ListBuckets(input)
    local list = {}
    for _, name in ipairs(store.bucket_names(buckets)) do
      if name:sub(1, #(input.Prefix or "")) == (input.Prefix or "")
        and name > (input.ContinuationToken or "") and not store.is_directory(name) then
        list[#list + 1] = { Name = name, CreationDate = buckets[name].created }
      end
    end
    local limit = input.MaxBuckets or #list
    local token = #list > limit and list[limit].Name or nil
    return {
      Buckets = table.move(list, 1, math.min(limit, #list), 1, {}),
      ContinuationToken = token, Owner = acl.owner(), Prefix = input.Prefix,
    }
  end

  function s3.GetBucketLocation(input)
    local region = store.bucket(buckets, input.Bucket).region
    return { LocationConstraint = region ~= "us-east-1" and region or nil }
  end
end

local function add_reading(s3, buckets)
  function s3.HeadObject(input, context)
    local object = store.object(buckets, input.Bucket, input.Key)
    conditions.check_read(object, input)
    local output = describe(object, input)
    if input.Range then
      apply_range(output, object, input.Range, context)
      output.Body = nil
    end
    return output
  end

  function s3.GetObject(input, context)
    local object = store.object(buckets, input.Bucket, input.Key)
    conditions.check_read(object, input)
    local output = describe(object, input)
    output.Body = object.Body
    if input.Range then apply_range(output, object, input.Range, context) end
    return output
  end
end

--- A new object from the members of an input.
local function object_from(input, bytes, checksums, emulator)
  local object = copy(input, KEPT, {
    Body = bytes, ETag = body.etag(bytes), LastModified = math.floor(time.now()),
    StorageClass = input.StorageClass or "STANDARD", checksums = checksums,
    acl = acl.from_input(input, emulator),
  })
  object.ContentType = object.ContentType or "binary/octet-stream"
  return object
end

--- "bucket/key?versionId=x", encoded, perhaps with a slash in front.
local function copy_source(text)
  local bucket, key = text:gsub("%?versionId=.*$", ""):match "^/?([^/]+)/(.+)$"
  if not bucket then
    fault("InvalidArgument", "Copy Source must mention the source bucket and key: "
      .. "sourcebucket/sourcekey", 400)
  end
  return uri.decode(bucket), uri.decode(key)
end

local function add_writing(s3, buckets, emulator)
  function s3.PutObject(input, context)
    local bucket = store.bucket(buckets, input.Bucket)
    local bytes = input.Body or ""
    local checksums = body.check(bytes, input, context)
    conditions.check_write(bucket.objects[input.Key], input)
    local object = object_from(input, bytes, checksums, emulator)
    store.put(bucket, input.Key, object)
    local output = { ETag = object.ETag, ServerSideEncryption = "AES256" }
    for name, value in pairs(checksums) do output[name] = value end
    return output
  end

  function s3.CopyObject(input)
    local bucket = store.bucket(buckets, input.Bucket)
    local source_bucket, source_key = copy_source(input.CopySource)
    local source = store.object(buckets, source_bucket, source_key)
    conditions.check_copy(source, input)
    local replace = input.MetadataDirective == "REPLACE"
    if source == bucket.objects[input.Key] and not replace and not input.StorageClass then
      fault("InvalidRequest", "This copy request is illegal because it is trying to copy an "
        .. "object to itself without changing the object's metadata, storage class, website "
        .. "redirect location or encryption attributes.", 400)
    end
    local object = object_from(input, source.Body, source.checksums, emulator)
    if not replace then copy(source, KEPT, object) end
    store.put(bucket, input.Key, object)
    return { CopyObjectResult = { ETag = object.ETag, LastModified = object.LastModified } }
  end

  function s3.DeleteObject(input)
    local bucket = store.bucket(buckets, input.Bucket)
    conditions.check_write(bucket.objects[input.Key], { IfMatch = input.IfMatch })
    store.remove(bucket, input.Key)
  end

  function s3.DeleteObjects(input, context)
    local bucket = store.bucket(buckets, input.Bucket)
    body.check(context.exchange.body, input, context)
    local deleted = {}
    if #input.Delete.Objects > 1000 then
      fault("MalformedXML", "The XML you provided was not well-formed or did not validate "
        .. "against our published schema", 400)
    end
    for _, entry in ipairs(input.Delete.Objects) do
      store.remove(bucket, entry.Key)
      deleted[#deleted + 1] = { Key = entry.Key }
    end
    return { Deleted = not input.Delete.Quiet and deleted or nil }
  end
end

---@param emulator awl.emulator.Emulator
return function(emulator)
  local s3 = {}
  local buckets = {}
  require "awl.emulator.s3.sample"(buckets, emulator)
  add_buckets(s3, buckets, emulator)
  add_reading(s3, buckets)
  add_writing(s3, buckets, emulator)
  require "awl.emulator.s3.listing"(s3, buckets)
  require "awl.emulator.s3.acl".add(s3, buckets, emulator)
  require "awl.emulator.s3.multipart"(s3, buckets, object_from, emulator)
  return s3
end
