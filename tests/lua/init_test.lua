local awl = require "awl"

describe("the awl table", function()
  it("has everything that scripts use", function()
    for _, name in ipairs { "client", "session", "map", "gather", "scope", "spawn", "sleep",
      "timeout", "shield", "semaphore", "channel", "limiter", "try", "emit", "args" } do
      assert.is_true(type(awl[name]) == "function"
        or getmetatable(awl[name]).__call ~= nil, name)
    end
    for _, name in ipairs { "json", "base64", "time", "log", "fs", "http", "process" } do
      assert.are.equal("table", type(awl[name]))
    end
  end)

  it("keeps what it has loaded", function()
    assert.are.equal(awl.json, rawget(awl, "json"))
  end)

  it("names what was meant", function()
    local ok, err = pcall(function() return awl.jsn end)
    assert.is_false(ok)
    assert.truthy(err:find("there is no 'awl.jsn'; did you mean 'json'?", 1, true))
    ok, err = pcall(function() return awl.log.wran end)
    assert.is_false(ok)
    assert.truthy(err:find("there is no 'awl.log.wran'; did you mean 'warn'?", 1, true))
    assert.truthy(err:find("init_test.lua:", 1, true))
  end)

  it("loads nothing before it is used", function()
    local process = require "awl.core.process"
    local child <close> = process.start({ process.self(), "-e", [[
      local names = {}
      for name in pairs(package.loaded) do
        if name:find "^awl%." then names[#names + 1] = name end
      end
      print(#names, names[1])]] }, { stdout = "pipe", die_with_parent = true })
    assert.are.equal("1\tawl.core.settings\n", child:read "a")
    child:wait()
  end)
end)
