-- S3 against a server that checks signatures: odd keys, streamed uploads, ranges, pages,
-- a wrong secret. Run by swift.sh.
local awl = require "awl"
local case, finish, equal = dofile((arg[0]:match("^(.*/)") or "") .. "cases.lua")

local s3 = awl.client "s3"
local BUCKET = "signed"

-- Everything that must be encoded, must not, or looks as if it were already.
local keys = {
  "plain", "a b", "a  b", "ü", "日本", "😀", "a//b", "./x", "a/./b", "a/../b", "../x", "x/.",
  "a+b", "%41", "%", "%zz", "'", "*", "(a)", "!", "~", "a=b", "a&b", "a?b", "a#b", "a:b",
  "a;b", "a,b", "a@b", "$a", "[a]", "{a}", "<a>", '"a"', "a\\b", "a|b", "^", "`", "-_.",
  "tab\tkey", "trailing ", "trailing/", "a/b/c/d.txt", ("k"):rep(1000),
}

case("a bucket is made", function()
  s3:create_bucket { Bucket = BUCKET }
  equal(BUCKET, s3:list_buckets().Buckets[1].Name)
end)

for _, key in ipairs(keys) do
  local shown = #key > 40 and "a key of 1,000 bytes" or ("the key %q"):format(key)
  case(shown .. " is put, read, headed and deleted", function()
    s3:put_object { Bucket = BUCKET, Key = key, Body = "body of " .. key }
    local body = s3:get_object({ Bucket = BUCKET, Key = key }).Body
    equal("body of " .. key, body:read("a"))
    equal(8 + #key, s3:head_object({ Bucket = BUCKET, Key = key }).ContentLength)
    local listed = s3:list_objects_v2 { Bucket = BUCKET }
    equal(1, #listed.Contents)
    equal(key, listed.Contents[1].Key)
    s3:delete_object { Bucket = BUCKET, Key = key }
    equal(nil, s3:list_objects_v2({ Bucket = BUCKET }).Contents)
  end)
end

case("parameters of the query are signed: prefixes, delimiters, odd markers", function()
  for _, key in ipairs { "p/a b", "p/a+b", "p/ü&x=1", "q/z" } do
    s3:put_object { Bucket = BUCKET, Key = key, Body = "" }
  end
  equal(3, s3:list_objects_v2({ Bucket = BUCKET, Prefix = "p/" }).KeyCount)
  equal(1, s3:list_objects_v2({ Bucket = BUCKET, Prefix = "p/a+" }).KeyCount)
  equal(1, s3:list_objects_v2({ Bucket = BUCKET, Prefix = "p/ü&x=" }).KeyCount)
  local folders = s3:list_objects_v2 { Bucket = BUCKET, Delimiter = "/" }
  equal("p/", folders.CommonPrefixes[1].Prefix)
  equal("q/", folders.CommonPrefixes[2].Prefix)
  equal(2, s3:list_objects_v2({ Bucket = BUCKET, StartAfter = "p/a+b" }).KeyCount)
end)

case("pages end with the last key", function()
  local numbers = {}
  for i = 1, 12 do numbers[i] = i end
  awl.map(numbers, function(i)
    s3:put_object { Bucket = BUCKET, Key = ("many/%02d"):format(i), Body = "x" }
  end, { concurrency = 4 })
  local pages, seen = 0, {}
  for page in s3:pages("list_objects_v2",
    { Bucket = BUCKET, Prefix = "many/", MaxKeys = 5 }) do
    pages = pages + 1
    for _, object in ipairs(page.Contents) do seen[#seen + 1] = object.Key end
  end
  equal(3, pages)
  equal(12, #seen)
  equal("many/12", seen[12])
end)

case("metadata and headers with spaces are signed", function()
  s3:put_object { Bucket = BUCKET, Key = "meta", Body = "x", ContentType = "text/plain; charset=utf-8",
    ContentDisposition = 'attachment; filename="a  b.txt"',
    Metadata = { one = "1", ["two-words"] = "a  b   c" } }
  local head = s3:head_object { Bucket = BUCKET, Key = "meta" }
  equal("1", head.Metadata.one)
  equal("text/plain; charset=utf-8", head.ContentType)
end)

case("an upload of a function, of unknown content, is signed", function()
  local n = 0
  s3:put_object {
    Bucket = BUCKET, Key = "stream", ContentLength = 3 * 65536,
    Body = function()
      n = n + 1
      if n <= 3 then return (tostring(n)):rep(65536) end
    end,
  }
  local body = s3:get_object({ Bucket = BUCKET, Key = "stream" }).Body:read("a")
  equal(3 * 65536, #body)
  equal("1", body:sub(65536, 65536))
  equal("2", body:sub(65537, 65537))
end)

case("an upload of a file is signed", function()
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(("line\n"):rep(50000))
  file:close()
  local source <close> = awl.fs.open(path)
  s3:put_object { Bucket = BUCKET, Key = "file", Body = source }
  equal(250000, s3:head_object({ Bucket = BUCKET, Key = "file" }).ContentLength)
  os.remove(path)
end)

case("an empty body is signed", function()
  s3:put_object { Bucket = BUCKET, Key = "empty", Body = "" }
  equal(0, s3:head_object({ Bucket = BUCKET, Key = "empty" }).ContentLength)
  equal("", s3:get_object({ Bucket = BUCKET, Key = "empty" }).Body:read("a") or "")
end)

case("ranges", function()
  local function range(text)
    return s3:get_object({ Bucket = BUCKET, Key = "file", Range = text }).Body:read("a")
  end
  equal("line\n", range("bytes=0-4"))
  equal("ne\n", range("bytes=-3"))
  equal("\n", range("bytes=249999-"))
  local ok, err = pcall(range, "bytes=999999-")
  assert(not ok)
  equal("InvalidRange", err.code)
end)

case("a copy names its source in a header", function()
  s3:put_object { Bucket = BUCKET, Key = "from ü", Body = "copied" }
  s3:copy_object { Bucket = BUCKET, Key = "to", CopySource = BUCKET .. "/from ü" }
  equal("copied", s3:get_object({ Bucket = BUCKET, Key = "to" }).Body:read("a"))
end)

case("a multipart upload", function()
  local id = s3:create_multipart_upload({ Bucket = BUCKET, Key = "parts" }).UploadId
  local parts = {}
  for n, text in ipairs { ("a"):rep(5 * 1024 * 1024), "tail" } do
    local part = s3:upload_part { Bucket = BUCKET, Key = "parts", UploadId = id,
      PartNumber = n, Body = text }
    parts[n] = { ETag = part.ETag, PartNumber = n }
  end
  s3:complete_multipart_upload { Bucket = BUCKET, Key = "parts", UploadId = id,
    MultipartUpload = { Parts = parts } }
  equal(5 * 1024 * 1024 + 4, s3:head_object({ Bucket = BUCKET, Key = "parts" }).ContentLength)
end)

-- Its DeleteObjects takes Content-MD5 only, which AWS's clients no longer send.
case("many are deleted at once", function()
  local items = s3:pages("list_objects_v2", { Bucket = BUCKET, Prefix = "many/" }):items()
  local run = awl.map(items, function(object)
    s3:delete_object { Bucket = BUCKET, Key = object.Key }
  end, { concurrency = 4 })
  equal(12, run.succeeded)
  equal(0, s3:list_objects_v2({ Bucket = BUCKET, Prefix = "many/" }).KeyCount)
end)

case("a wrong secret is refused", function()
  local wrong = s3:with { credentials = { access_key_id = "test:tester", secret_access_key = "no" } }
  local ok, err = pcall(wrong.list_buckets, wrong)
  assert(not ok, "expected an error")
  equal("SignatureDoesNotMatch", err.code)
  equal(403, err.status)
end)

case("an unknown access key is refused", function()
  local wrong = s3:with { credentials = { access_key_id = "nobody", secret_access_key = "no" } }
  local ok, err = pcall(wrong.list_buckets, wrong)
  assert(not ok, "expected an error")
  equal(403, err.status)
end)

case("a prepared request is sent by other means", function()
  local request = s3:prepare("get_object", { Bucket = BUCKET, Key = "from ü" })
  local command = { "curl -sS -o - --max-time 20" }
  local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end
  for name, value in pairs(request.headers) do
    command[#command + 1] = "-H " .. quoted(name .. ": " .. value)
  end
  if os.execute "command -v curl >/dev/null" then
    local pipe = io.popen(table.concat(command, " ") .. " " .. quoted(request.url))
    equal("copied", pipe:read("a"))
    pipe:close()
  else
    print("     skipped: there is no curl")
  end
end)

finish()
