local awl = require "awl"
local fs = awl.fs

describe("awl.fs", function()
  local folder

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    fs.mkdir(folder)
  end)

  after_each(function()
    for _, name in ipairs(fs.list(folder)) do fs.remove(folder .. "/" .. name) end
    fs.remove(folder)
  end)

  it("writes and reads whole files", function()
    local path = folder .. "/f"
    local bytes = ("\0\1\r\n"):rep(100000)
    fs.write_file(path, bytes)
    assert.are.equal(bytes, fs.read_file(path))
    local stat = fs.stat(path)
    assert.are.equal("file", stat.type)
    assert.are.equal(#bytes, stat.size)
    fs.write_file(path, "")
    assert.are.equal("", fs.read_file(path))
  end)

  it("replaces a file as a whole, or not at all", function()
    local path = folder .. "/f"
    fs.write_file(path, "old")
    fs.write_file(path, "new", { atomic = true })
    assert.are.equal("new", fs.read_file(path))
    assert.are.same({ "f" }, fs.list(folder))
    fs.mkdir(folder .. "/d")
    assert.is_false(pcall(fs.write_file, folder .. "/d", "x", { atomic = true }))
    assert.are.same({ "d", "f" }, fs.list(folder))
  end)

  it("reads lines, numbers of bytes and the rest", function()
    local path = folder .. "/f"
    fs.write_file(path, "one\ntwo\n\nlast")
    local file <close> = fs.open(path)
    assert.are.equal("one", file:read())
    assert.are.equal("two\n", file:read "L")
    assert.are.equal("", file:read "l")
    assert.are.equal("la", file:read(2))
    assert.are.equal("st", file:read "a")
    assert.are.equal("", file:read "a")
    assert.is_nil(file:read())
    assert.is_nil(file:read(1))
    assert.are.equal(4, file:seek("set", 4))
    assert.are.equal("two", file:read())
    assert.are.equal(8, file:seek())
    assert.are.equal(13, file:size())
  end)

  it("iterates over lines longer than a piece", function()
    local path = folder .. "/f"
    local lines = { ("x"):rep(200000), "", ("y"):rep(70000) }
    fs.write_file(path, table.concat(lines, "\n"))
    local file <close> = fs.open(path)
    local found = {}
    for line in file:lines() do found[#found + 1] = line end
    assert.are.same(lines, found)
  end)

  it("writes where it stands, and appends where it must", function()
    local path = folder .. "/f"
    do
      local file <close> = fs.open(path, "w+")
      file:write("abc", 1, 2.5):write("def")
      file:seek("set", 1)
      assert.are.equal("b", file:read(1))
      file:write("X")
      file:sync()
    end
    assert.are.equal("abX12.5def", fs.read_file(path))
    do
      local file <close> = fs.open(path, "a")
      file:write("end")
    end
    assert.are.equal("abX12.5defend", fs.read_file(path))
    assert.has_error(function() fs.open(path):write("x") end)
  end)

  it("lets two tasks read one file without loss", function()
    local path = folder .. "/f"
    local expected = {}
    for i = 1, 20000 do expected[i] = ("%05d"):format(i) end
    fs.write_file(path, table.concat(expected, "\n"))
    local file <close> = fs.open(path)
    local found = {}
    local function reader()
      for line in file:lines() do found[#found + 1] = line end
    end
    awl.gather { reader, reader, reader }
    table.sort(found)
    assert.are.same(expected, found)
  end)

  it("is not disturbed by a close under way", function()
    local path = folder .. "/f"
    fs.write_file(path, ("x"):rep(1000))
    local file = fs.open(path)
    local task = awl.spawn(function() return pcall(file.read, file, "a") end)
    awl.sleep(0)
    file:close()
    local ok, err = task:await()
    assert.is_false(ok)
    assert.truthy(tostring(err):find "is closed")
  end)

  it("says what is wrong, and with which file", function()
    local ok, err = pcall(fs.open, folder .. "/missing")
    assert.is_false(ok)
    assert.are.equal("ENOENT", err.code)
    assert.truthy(err.message:find(folder .. "/missing", 1, true))
    assert.has_error(function() fs.open(folder, "q") end)
    assert.has_error(function() fs.open("a\0b") end)
    local file = fs.open(folder .. "/f", "w")
    file:close()
    file:close()
    assert.has_error(function() file:read() end)
    assert.is_false(pcall(fs.open, folder .. "/f", "wx"))
  end)

  it("makes and removes folders", function()
    fs.mkdir(folder .. "/a/b/c", { parents = true })
    fs.mkdir(folder .. "/a/b/c", { parents = true })
    assert.is_true(fs.exists(folder .. "/a/b/c"))
    assert.is_false(fs.exists(folder .. "/a/x"))
    assert.is_false(fs.exists(folder .. "/a/x/y"))
    assert.is_false(pcall(fs.mkdir, folder .. "/a"))
    assert.is_false(pcall(fs.remove, folder .. "/a"))
    fs.rename(folder .. "/a/b/c", folder .. "/c")
    for _, name in ipairs { "/a/b", "/a", "/c" } do fs.remove(folder .. name) end
    assert.are.same({}, fs.list(folder))
  end)

  it("does not take a signal for an end of waiting", function()
    local path = folder .. "/f"
    fs.write_file(path, ("x"):rep(100000))
    local file = fs.open(path)
    local reader = awl.spawn(function()
      local closing <close> = file
      return #file:read "a"
    end)
    awl.sleep(0)
    reader:cancel()
    pcall(reader.await, reader)
    assert.has_error(function() file:read() end)
  end)
end)
