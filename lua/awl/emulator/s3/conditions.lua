--- If-Match and its kin.
local fault = require "awl.emulator.fault"

local conditions = {}

local function plain(etag) return (etag:gsub('^W/', ""):gsub('"', "")) end

--- True if one of the listed ETags is the object's.
local function matches(list, etag)
  for candidate in list:gmatch "[^,%s]+" do
    if candidate == "*" or plain(candidate) == plain(etag) then return true end
  end
  return false
end

local function failed(name)
  fault("PreconditionFailed", "At least one of the pre-conditions you specified did not hold: "
    .. name, 412)
end

local function not_modified(object)
  fault("NotModified", "Not Modified", 304, { headers = { ETag = object.ETag } })
end

function conditions.check_read(object, input)
  if input.IfMatch then
    if not matches(input.IfMatch, object.ETag) then failed "If-Match" end
  elseif input.IfUnmodifiedSince and object.LastModified > input.IfUnmodifiedSince then
    failed "If-Unmodified-Since"
  end
  if input.IfNoneMatch then
    if matches(input.IfNoneMatch, object.ETag) then not_modified(object) end
  elseif input.IfModifiedSince and object.LastModified <= input.IfModifiedSince then
    not_modified(object)
  end
end

---@param object table? what is there now
function conditions.check_write(object, input)
  if input.IfNoneMatch and object then failed "If-None-Match" end
  if not input.IfMatch then return end
  if not object then fault("NoSuchKey", "The specified key does not exist.", 404) end
  if not matches(input.IfMatch, object.ETag) then failed "If-Match" end
end

function conditions.check_copy(source, input)
  if input.CopySourceIfMatch and not matches(input.CopySourceIfMatch, source.ETag) then
    failed "x-amz-copy-source-If-Match"
  end
  if input.CopySourceIfNoneMatch and matches(input.CopySourceIfNoneMatch, source.ETag) then
    failed "x-amz-copy-source-If-None-Match"
  end
end

return conditions
