--- What a body must be: its MD5 and checksums, as the request says.
local base64 = require "awl.base64"
local checksum = require "awl.core.server".checksum
local fault = require "awl.emulator.fault"

local ALGORITHMS = { "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5",
  "XXHASH64", "XXHASH3", "XXHASH128" }

local body = {}

function body.hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

function body.md5(bytes) return checksum("md5", bytes) end

function body.etag(bytes) return '"' .. body.hex(body.md5(bytes)) .. '"' end

local function check_md5(bytes, given)
  local ok, digest = pcall(base64.decode, given)
  if not ok or #digest ~= 16 then
    fault("InvalidDigest", "The Content-MD5 you specified was invalid.", 400)
  end
  if digest ~= body.md5(bytes) then
    fault("BadDigest", "The Content-MD5 you specified did not match what we received.", 400)
  end
end

--- Compares the body with what the request says of it. The checksums that it names, as
--- members of an object.
---@param bytes string
---@param input table
---@param context awl.emulator.Context
---@return table<string, string>
function body.check(bytes, input, context)
  local headers = context.request_headers
  local md5 = input.ContentMD5 or headers["content-md5"]
  if md5 then check_md5(bytes, md5) end
  local checksums = {}
  for _, name in ipairs(ALGORITHMS) do
    local member = "Checksum" .. name
    local given = input[member] or headers["x-amz-checksum-" .. name:lower()]
    if given and given ~= base64.encode(checksum(name, bytes)) then
      fault("BadDigest", ("The %s you specified did not match the calculated checksum.")
        :format(name), 400)
    end
    checksums[member] = given
  end
  return checksums
end

return body
