-- Uploads of files and functions with each checksum; emulator.sh runs it.
local awl = require "awl"

local TEXT = ("0123456789"):rep(20000)
local path = arg[1] .. "/stream"
local s3 = awl.client("s3", { addressing_style = "path",
  request_checksum_calculation = "when_supported",
  response_checksum_validation = "when_supported" })

s3:create_bucket { Bucket = "streams" }
awl.fs.write_file(path, TEXT)
for _, algorithm in ipairs { "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5",
                             "XXHASH64", "XXHASH3", "XXHASH128" } do
  local file <close> = awl.fs.open(path)
  local function pieces() return file:read(70000) end
  for name, body in pairs { file = file, ["function"] = pieces } do
    file:seek("set", 0)
    local key = name .. "-" .. algorithm
    local put = s3:put_object { Bucket = "streams", Key = key, Body = body,
      ContentLength = #TEXT, ChecksumAlgorithm = algorithm }
    local got = s3:get_object { Bucket = "streams", Key = key }
    assert(got.Body:read() == TEXT, key)
    assert(put["Checksum" .. algorithm] == got["Checksum" .. algorithm], key)
    assert(got["Checksum" .. algorithm], key)
    assert(got.ResponseMetadata.ChecksumAlgorithm == algorithm:lower(), key)
  end
end

-- Without a checksum a file is hashed first, and a function's pieces are not signed.
local plain = s3:with { request_checksum_calculation = "when_required" }
local file <close> = awl.fs.open(path)
plain:put_object { Bucket = "streams", Key = "plain", Body = file }
assert(s3:get_object({ Bucket = "streams", Key = "plain" }).Body:read() == TEXT)
