--- The bucket that comes with the emulator: 2,500 objects for a script to audit, 12 of
--- which the world, or everybody with an AWS account, may read.
local acl = require "awl.emulator.s3.acl"
local body = require "awl.emulator.s3.body"
local random_numbers = require "awl.emulator.random"
local store = require "awl.emulator.s3.store"

local BUCKET = "audit-me"
local CREATED = 1735689600 -- 2025-01-01
local COUNT = 2500
local PUBLIC = 9
local AUTHENTICATED = 3

-- Prefix, what follows it, type; in turn.
local KINDS = {
  { "invoices/", "2025/%02d/invoice-%05d.pdf", "application/pdf" },
  { "logs/app/", "2025/%02d/%05d.log", "text/plain" },
  { "images/", "%02d/photo %05d.jpg", "image/jpeg" },
  { "exports/", "month=%02d/part-%05d.json", "application/json" },
  { "website/assets/", "%02d/%05d.css", "text/css" },
}

local function add_object(bucket, random, number)
  local kind = KINDS[(number - 1) % #KINDS + 1]
  local key = kind[1] .. kind[2]:format(random(12), number)
  local text = ("%s\nobject %d of %d\n"):format(key, number, COUNT)
  store.put(bucket, key, {
    Body = text, ETag = body.etag(text), ContentType = kind[3], Metadata = {},
    LastModified = CREATED + random(0, 86400 * 300), StorageClass = "STANDARD",
    checksums = {}, acl = acl.canned "private",
  })
  return key
end

--- Opens `count` of the keys, each another one.
local function publish(bucket, keys, random, count, canned)
  for _ = 1, count do
    local key = table.remove(keys, random(#keys))
    bucket.objects[key].acl = acl.canned(canned)
  end
end

---@param emulator awl.emulator.Emulator
return function(buckets, emulator)
  local bucket = store.create(buckets, BUCKET, "us-east-1")
  bucket.created = CREATED
  bucket.acl = acl.canned "private"
  local random = random_numbers(emulator.seed, BUCKET)
  local keys = {}
  for number = 1, COUNT do keys[number] = add_object(bucket, random, number) end
  publish(bucket, keys, random, PUBLIC, "public-read")
  publish(bucket, keys, random, AUTHENTICATED, "authenticated-read")
end
