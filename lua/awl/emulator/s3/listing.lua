--- Pages of keys: ListObjects and ListObjectsV2.
local acl = require "awl.emulator.s3.acl"
local base64 = require "awl.base64"
local fault = require "awl.emulator.fault"
local store = require "awl.emulator.s3.store"
local uri = require "awl.emulator.uri"

local PAGE = 1000

--- The first index whose key is not below `text`, or is above it.
local function search(keys, text, above)
  local low, high = 1, #keys + 1
  while low < high do
    local middle = (low + high) // 2
    local key = keys[middle]
    if key < text or (above and key == text) then low = middle + 1 else high = middle end
  end
  return low
end

local function starts(text, prefix) return text:sub(1, #prefix) == prefix end

--- Behind every key with that prefix: keys are UTF-8, so none holds the byte 255.
local function behind(keys, prefix) return search(keys, prefix .. "\255") end

---@class awl.emulator.s3.Page
---@field keys string[]
---@field prefixes string[]
---@field last string? the last key or prefix of the page; nil if it is the last page
---@field last_is_prefix boolean?

--- Keys from `from` on, those with the delimiter behind the prefix rolled up.
---@return awl.emulator.s3.Page
local function collect(keys, from, prefix, delimiter, limit)
  local page = { keys = {}, prefixes = {} }
  local last, last_is_prefix
  local index = from
  while keys[index] and starts(keys[index], prefix) do
    if #page.keys + #page.prefixes == limit then
      page.last, page.last_is_prefix = last, last_is_prefix
      return page
    end
    local key = keys[index]
    local _, stop = nil, nil
    if delimiter ~= "" then _, stop = key:find(delimiter, #prefix + 1, true) end
    last, last_is_prefix = stop and key:sub(1, stop) or key, stop ~= nil
    local list = stop and page.prefixes or page.keys
    list[#list + 1] = last
    index = stop and behind(keys, last) or index + 1
  end
  return page
end

local function limit_of(input)
  local limit = input.MaxKeys or PAGE
  if limit < 0 then
    fault("InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647", 400)
  end
  return math.min(limit, PAGE)
end

--- What both operations answer.
local function answer(bucket, input, page, with_owner)
  local encode = function(text) return text end
  if input.EncodingType == "url" then encode = uri.encode end
  local contents, prefixes = {}, {}
  for i, key in ipairs(page.keys) do
    local object = bucket.objects[key]
    contents[i] = {
      Key = encode(key), Size = #object.Body, ETag = object.ETag,
      LastModified = object.LastModified, StorageClass = object.StorageClass,
      Owner = with_owner and acl.owner() or nil,
    }
  end
  for i, prefix in ipairs(page.prefixes) do prefixes[i] = { Prefix = encode(prefix) } end
  local delimiter = input.Delimiter ~= "" and input.Delimiter or nil
  return {
    Name = bucket.name, Prefix = encode(input.Prefix or ""),
    Delimiter = delimiter and encode(delimiter), MaxKeys = input.MaxKeys or PAGE,
    EncodingType = input.EncodingType, IsTruncated = page.last ~= nil,
    Contents = #contents > 0 and contents or nil,
    CommonPrefixes = #prefixes > 0 and prefixes or nil,
  }, encode
end

local function collect_from(bucket, input, from)
  local keys, prefix = store.keys(bucket), input.Prefix or ""
  from = math.max(from, search(keys, prefix))
  return collect(keys, from, prefix, input.Delimiter or "", limit_of(input))
end

-- A token says where the next page begins: behind a key, or behind a whole prefix.
local function make_token(page)
  return base64.encode((page.last_is_prefix and "p" or "k") .. page.last)
end

local function read_token(keys, token)
  local ok, text = pcall(base64.decode, token)
  local kind, last = (ok and text or ""):match "^([pk])(.*)$"
  if not kind then
    fault("InvalidArgument", "The continuation token provided is incorrect", 400)
  end
  return kind == "p" and behind(keys, last) or search(keys, last, true)
end

---@param s3 table<string, function> the operations
return function(s3, buckets)
  function s3.ListObjectsV2(input)
    local bucket = store.bucket(buckets, input.Bucket)
    local keys, from = store.keys(bucket), 1
    if input.ContinuationToken then
      from = read_token(keys, input.ContinuationToken)
    elseif input.StartAfter then
      from = search(keys, input.StartAfter, true)
    end
    local page = collect_from(bucket, input, from)
    local output, encode = answer(bucket, input, page, input.FetchOwner)
    output.KeyCount = #page.keys + #page.prefixes
    output.ContinuationToken = input.ContinuationToken
    output.NextContinuationToken = page.last and make_token(page)
    output.StartAfter = input.StartAfter and encode(input.StartAfter)
    return output
  end

  function s3.ListObjects(input)
    local bucket = store.bucket(buckets, input.Bucket)
    local keys, from = store.keys(bucket), 1
    local marker, delimiter = input.Marker or "", input.Delimiter or ""
    if marker ~= "" then
      -- A marker that ends as a common prefix does was one.
      local whole = delimiter ~= "" and marker:sub(-#delimiter) == delimiter
      from = whole and behind(keys, marker) or search(keys, marker, true)
    end
    local page = collect_from(bucket, input, from)
    local output, encode = answer(bucket, input, page, true)
    output.Marker = encode(marker)
    if delimiter ~= "" and page.last then output.NextMarker = encode(page.last) end
    return output
  end
end
