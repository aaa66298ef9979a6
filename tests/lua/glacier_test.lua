-- Glacier: the hashes of an archive.
local awl = require "awl"

local function headers(body, more)
  local client = awl.client("glacier", {
    region = "eu-west-1",
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  })
  local input = { vaultName = "v", body = body }
  for key, value in pairs(more or {}) do input[key] = value end
  local found = {}
  for name, value in pairs(client:prepare("upload_archive", input).headers) do
    found[name:lower()] = value
  end
  return found
end

describe("an archive", function()
  it("carries the tree hash of its pieces of 1 MiB", function()
    local mib = 1024 * 1024
    local sent = headers(("a"):rep(4 * mib) .. ("b"):rep(mib + 5)) -- six, the last short
    assert.are.equal("1263ea0f24b4f2163c179af757d1e3e9b77d508bacf8705a22acde3566a55d60",
      sent["x-amz-sha256-tree-hash"])
  end)

  it("keeps a hash that the caller has computed", function()
    assert.are.equal("mine", headers("x", { checksum = "mine" })["x-amz-sha256-tree-hash"])
  end)
end)

describe("an archive in a file", function()
  it("carries the same hashes, from where the file stands", function(t)
    local path = os.tmpname()
    t:finally(function() os.remove(path) end)
    local mib = 1024 * 1024
    local body = ("a"):rep(4 * mib) .. ("b"):rep(mib + 5)
    awl.fs.write_file(path, "head" .. body)
    local fake = t:fake_service { { status = 503, body = "" }, { status = 201, body = "" } }
    local file <close> = awl.fs.open(path)
    file:seek("set", 4)
    fake:client("glacier"):upload_archive { vaultName = "v", body = file }
    for i = 1, 2 do
      local seen = fake.seen[i].headers
      assert.are.equal("1263ea0f24b4f2163c179af757d1e3e9b77d508bacf8705a22acde3566a55d60",
        seen["x-amz-sha256-tree-hash"])
      assert.are.equal(headers(body)["x-amz-content-sha256"], seen["x-amz-content-sha256"])
      assert.is_true(fake.seen[i].body == body)
    end
  end)

  it("that is empty is hashed too", function()
    local empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert.are.equal(empty, headers("")["x-amz-sha256-tree-hash"])
  end)
end)

describe("an archive that a function gives", function()
  it("is refused, with its checksum too, for all of it is signed", function(t)
    local fake = t:fake_service {}
    for _, checksum in ipairs { false, ("0"):rep(64) } do
      local glacier = fake:client "glacier"
      local ok, err = pcall(glacier.upload_archive, glacier,
        { vaultName = "v", body = function() end, checksum = checksum or nil })
      assert.is_false(ok)
      assert.are.equal("input", err.kind)
      assert.matches("give it as a string or a file, not as a function", err.message)
    end
    assert.are.equal(0, fake.requests)
  end)
end)
