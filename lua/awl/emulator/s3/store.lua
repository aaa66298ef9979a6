--- The buckets and their objects, and what S3 says of those that are not there.
local fault = require "awl.emulator.fault"
local time = require "awl.time"

local store = {}

---@class awl.emulator.s3.Bucket
---@field name string
---@field region string
---@field created integer
---@field objects table<string, table> by key
---@field uploads table<string, table> multipart uploads by id
---@field acl table[] grants
---@field package keys string[]? sorted; nil: to be sorted again

local function check_name(name)
  local length = #name
  if length < 3 or length > 63 or not name:find "^[a-z0-9][a-z0-9.%-]*[a-z0-9]$"
    or name:find("..", 1, true) then
    fault("InvalidBucketName", "The specified bucket is not valid.", 400)
  end
end

--- Directory buckets have a suffix that names their zone.
function store.is_directory(name) return name:find "%-%-x%-s3$" ~= nil end

---@return awl.emulator.s3.Bucket?
function store.find(buckets, name) return buckets[name] end

---@return awl.emulator.s3.Bucket
function store.bucket(buckets, name)
  return buckets[name] or fault("NoSuchBucket", "The specified bucket does not exist", 404)
end

---@return awl.emulator.s3.Bucket
function store.create(buckets, name, region)
  check_name(name)
  local bucket = {
    name = name, region = region, created = math.floor(time.now()),
    objects = {}, uploads = {}, keys = {},
  }
  buckets[name] = bucket
  return bucket
end

function store.delete(buckets, name)
  local bucket = store.bucket(buckets, name)
  if next(bucket.objects) then
    fault("BucketNotEmpty", "The bucket you tried to delete is not empty", 409)
  end
  buckets[name] = nil
end

function store.bucket_names(buckets)
  local names = {}
  for name in pairs(buckets) do names[#names + 1] = name end
  table.sort(names)
  return names
end

function store.object(buckets, name, key)
  return store.bucket(buckets, name).objects[key]
    or fault("NoSuchKey", "The specified key does not exist.", 404)
end

---@param bucket awl.emulator.s3.Bucket
function store.put(bucket, key, object)
  if #key > 1024 then fault("KeyTooLongError", "Your key is too long", 400) end
  if not bucket.objects[key] then bucket.keys = nil end
  bucket.objects[key] = object
end

---@param bucket awl.emulator.s3.Bucket
function store.remove(bucket, key)
  if not bucket.objects[key] then return end
  bucket.objects[key] = nil
  bucket.keys = nil
end

--- The keys in order.
---@param bucket awl.emulator.s3.Bucket
---@return string[]
function store.keys(bucket)
  if not bucket.keys then
    bucket.keys = {}
    for key in pairs(bucket.objects) do bucket.keys[#bucket.keys + 1] = key end
    table.sort(bucket.keys)
  end
  return bucket.keys
end

return store
