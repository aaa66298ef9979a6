-- Objects whose keys mean something else in a path, a query or a URL: each is put, read,
-- copied, listed and deleted under its own name. Run against moto and the emulator.
local awl = require "awl"
local case, finish, equal = dofile((arg[0]:match("^(.*/)") or "") .. "cases.lua")

local BUCKET = "hostile-keys"
local KEYS = {
  ".", "..", "../up", "a/../b", "a/./b", "a/..", "//", "/first", "last/", "a//b", "?", "#",
  "a?b=c#d&e", "a?acl", "versionId", "%2F", "%", "+", " ", " a ", "é ü/日本", "\u{1F600}",
  "a\\b", "*'()!~@:,;=$[]{}|^`\"<>",
}

local s3 = awl.client "s3"
s3:create_bucket { Bucket = BUCKET }

local function read(key) return s3:get_object { Bucket = BUCKET, Key = key }.Body:read "a" end

local function listed()
  local found = {}
  for object in s3:pages("list_objects_v2", { Bucket = BUCKET }):items() do
    found[object.Key] = true
  end
  return found
end

for _, key in ipairs(KEYS) do
  case(("'%s' is an object of its own"):format(key), function()
    s3:put_object { Bucket = BUCKET, Key = key, Body = "this is " .. key }
    equal("this is " .. key, read(key))
    equal(#key + 8, s3:head_object { Bucket = BUCKET, Key = key }.ContentLength)
    s3:copy_object { Bucket = BUCKET, Key = "copy/" .. key,
      CopySource = { Bucket = BUCKET, Key = key } }
    equal("this is " .. key, read("copy/" .. key))
  end)
end

case("all are listed under their names", function()
  local found = listed()
  for _, key in ipairs(KEYS) do assert(found[key], key) end
end)

case("each is deleted alone", function()
  for _, key in ipairs(KEYS) do s3:delete_object { Bucket = BUCKET, Key = key } end
  for key in pairs(listed()) do assert(key:find("^copy/"), key) end
end)

finish()
