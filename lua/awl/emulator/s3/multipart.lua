--- Multipart uploads.
local acl = require "awl.emulator.s3.acl"
local body = require "awl.emulator.s3.body"
local conditions = require "awl.emulator.s3.conditions"
local core = require "awl.core.server"
local fault = require "awl.emulator.fault"
local store = require "awl.emulator.s3.store"
local time = require "awl.time"

local SMALLEST_PART = 5 * 1024 * 1024

local function find_upload(buckets, input)
  local bucket = store.bucket(buckets, input.Bucket)
  local upload = bucket.uploads[input.UploadId]
  if not upload or upload.key ~= input.Key then
    fault("NoSuchUpload", "The specified upload does not exist. The upload ID may be "
      .. "invalid, or the upload may have been aborted or completed.", 404)
  end
  return upload, bucket
end

--- The parts that a completion names, checked, in its order.
local function chosen_parts(upload, listed)
  local parts, previous = {}, 0
  if #listed == 0 then
    fault("MalformedXML", "The XML you provided was not well-formed or did not validate "
      .. "against our published schema", 400)
  end
  for i, entry in ipairs(listed) do
    local part = upload.parts[entry.PartNumber]
    if entry.PartNumber <= previous then
      fault("InvalidPartOrder", "The list of parts was not in ascending order. Parts must "
        .. "be ordered by part number.", 400)
    end
    if not part or part.ETag:gsub('"', "") ~= entry.ETag:gsub('"', "") then
      fault("InvalidPart", "One or more of the specified parts could not be found. The part "
        .. "may not have been uploaded, or the specified entity tag may not match the "
        .. "part's entity tag.", 400)
    end
    if i < #listed and #part.Body < SMALLEST_PART then
      fault("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
        400)
    end
    parts[i], previous = part, entry.PartNumber
  end
  return parts
end

local function sorted_numbers(parts)
  local numbers = {}
  for number in pairs(parts) do numbers[#numbers + 1] = number end
  table.sort(numbers)
  return numbers
end

---@param s3 table<string, function> the operations
---@param object_from function
---@param emulator awl.emulator.Emulator
return function(s3, buckets, object_from, emulator)
  function s3.CreateMultipartUpload(input)
    local bucket = store.bucket(buckets, input.Bucket)
    local id = core.uuid():gsub("%-", "")
    bucket.uploads[id] =
      { key = input.Key, input = input, parts = {}, started = math.floor(time.now()) }
    return { Bucket = input.Bucket, Key = input.Key, UploadId = id,
      ChecksumAlgorithm = input.ChecksumAlgorithm, ChecksumType = input.ChecksumType }
  end

  function s3.UploadPart(input, context)
    local upload = find_upload(buckets, input)
    local bytes = input.Body or ""
    if input.PartNumber < 1 or input.PartNumber > 10000 then
      fault("InvalidArgument", "Part number must be an integer between 1 and 10000, "
        .. "inclusive", 400)
    end
    local checksums = body.check(bytes, input, context)
    local part = { Body = bytes, ETag = body.etag(bytes), md5 = body.md5(bytes),
      LastModified = math.floor(time.now()), checksums = checksums }
    upload.parts[input.PartNumber] = part
    local output = { ETag = part.ETag, ServerSideEncryption = "AES256" }
    for name, value in pairs(checksums) do output[name] = value end
    return output
  end

  function s3.CompleteMultipartUpload(input)
    local upload, bucket = find_upload(buckets, input)
    local parts = chosen_parts(upload, (input.MultipartUpload or {}).Parts or {})
    conditions.check_write(bucket.objects[input.Key], input)
    local pieces, digests = {}, {}
    for i, part in ipairs(parts) do pieces[i], digests[i] = part.Body, part.md5 end
    local object = object_from(upload.input, table.concat(pieces), {}, emulator)
    object.ETag = ('"%s-%d"'):format(body.hex(body.md5(table.concat(digests))), #parts)
    store.put(bucket, input.Key, object)
    bucket.uploads[input.UploadId] = nil
    return { Bucket = input.Bucket, Key = input.Key, ETag = object.ETag,
      Location = ("%s/%s/%s"):format(emulator:url(), input.Bucket, input.Key) }
  end

  function s3.AbortMultipartUpload(input)
    local _, bucket = find_upload(buckets, input)
    bucket.uploads[input.UploadId] = nil
  end

  function s3.ListParts(input)
    local upload = find_upload(buckets, input)
    local listed, more = {}, nil
    for _, number in ipairs(sorted_numbers(upload.parts)) do
      local part = upload.parts[number]
      if number > (tonumber(input.PartNumberMarker) or 0) then
        if #listed == (input.MaxParts or 1000) then more = listed[#listed].PartNumber break end
        listed[#listed + 1] = { PartNumber = number, ETag = part.ETag, Size = #part.Body,
          LastModified = part.LastModified }
      end
    end
    return {
      Bucket = input.Bucket, Key = input.Key, UploadId = input.UploadId, Parts = listed,
      Owner = acl.owner(), Initiator = acl.owner(), StorageClass = "STANDARD",
      MaxParts = input.MaxParts or 1000, IsTruncated = more ~= nil,
      NextPartNumberMarker = more,
    }
  end

  function s3.ListMultipartUploads(input)
    local bucket = store.bucket(buckets, input.Bucket)
    local uploads = {}
    for id, upload in pairs(bucket.uploads) do
      if upload.key:sub(1, #(input.Prefix or "")) == (input.Prefix or "") then
        uploads[#uploads + 1] = { UploadId = id, Key = upload.key, Initiated = upload.started,
          Owner = acl.owner(), Initiator = acl.owner(), StorageClass = "STANDARD" }
      end
    end
    table.sort(uploads, function(a, b)
      if a.Key ~= b.Key then return a.Key < b.Key end
      return a.UploadId < b.UploadId
    end)
    return { Bucket = input.Bucket, Prefix = input.Prefix, MaxUploads = 1000,
      IsTruncated = false, Uploads = uploads }
  end
end
