-- The files that are shared with the AWS CLI.
local awl = require "awl"
local cache = require "awl.credentials.cache"
local lock = require "awl.core.lock"
local private_file = require "awl.private_file"

local function folder(t)
  local path = os.tmpname()
  os.remove(path)
  t:finally(function() os.execute("rm -rf " .. path) end)
  return path
end

describe("a cache file", function()
  it("is written with its folders, for its user alone", function(t)
    local path = folder(t) .. "/a/b/key.json"
    cache.write(path, { x = 1 })
    assert.are.same({ x = 1 }, cache.read(path))
    assert.are.equal(384, awl.fs.stat(path).mode & 511)
    cache.write(path, { x = 2 })
    assert.are.same({ x = 2 }, cache.read(path))
    assert.are.equal(384, awl.fs.stat(path).mode & 511)
    assert.are.same({ "key.json" }, awl.fs.list(path:match "^(.*)/"))
  end)

  it("that is missing, or no JSON object, is nothing", function(t)
    local path = folder(t)
    assert.is_nil(cache.read(path))
    for _, text in ipairs { "", "{", "[", "7", '"text"', "null" } do
      awl.fs.write_file(path, text, { mode = 384 })
      assert.is_nil(cache.read(path), text)
    end
    assert.is_nil(cache.read(nil))
    cache.write(nil, {})
  end)

  it("that cannot be written is no error", function(t)
    local before = awl.log.level "off"
    t:finally(function() awl.log.level(before) end)
    local path = folder(t)
    awl.fs.write_file(path, "a file where a folder should be")
    cache.write(path .. "/key.json", { x = 1 })
    assert.are.equal(7, cache.locked(path .. "/key.json", function() return 7 end))
  end)

  it("has one writer at a time", function(t)
    local path = folder(t) .. "/key.json"
    local running, most = 0, 0
    local clock = t.clock
    awl.map({ 1, 2, 3, 4, 5 }, function()
      cache.locked(path, function()
        running = running + 1
        most = math.max(most, running)
        awl.sleep(0.2)
        running = running - 1
      end)
    end)
    assert.are.equal(1, most)
    assert.is_true(#clock:slept() > 5)
  end)

  it("is given free when its writer fails", function(t)
    local path = folder(t) .. "/key.json"
    assert.is_false(pcall(cache.locked, path, error, "no"))
    local held <close> = assert(lock.try(path .. ".lock"))
    assert.is_nil((lock.try(path .. ".lock")))
    held:close()
    local again <close> = assert(lock.try(path .. ".lock"))
    assert.truthy(again)
  end)
end)

describe("a file with secrets that others can read", function()
  it("is told of once", function(t)
    local path = folder(t)
    local before = awl.log.level "off"
    t:finally(function() awl.log.level(before) end)
    local warned = stub(awl.log, "warn")
    awl.fs.write_file(path, "{}", { mode = 384 })
    private_file.check(path)
    assert.stub(warned).was_called(0)
    os.execute("chmod 644 " .. path)
    private_file.check(path)
    private_file.check(path)
    assert.stub(warned).was_called(1)
    local listed = false
    for _, name in ipairs(private_file.list()) do listed = listed or name == path end
    assert.is_true(listed)
  end)
end)
