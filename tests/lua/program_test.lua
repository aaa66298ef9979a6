-- What a program writes, seen from outside: awl.emit, awl.log, awl.stdin.
local awl = require "awl"
local process = require "awl.core.process"

--- Runs code in an awl of its own: what it wrote to both outputs, and its exit code.
local function run(code, options)
  local words = { process.self(), "-e", code }
  for i, word in ipairs(options and options.options or {}) do table.insert(words, i + 1, word) end
  if options and options.input then
    words = { "sh", "-c", 'printf "%b" "$1" | "$2" -e "$3"', "sh", options.input, words[1], code }
  end
  local child <close> = process.start(words, {
    stdin = "null", stdout = "pipe", stderr = "pipe", die_with_parent = true,
    env = options and options.env,
  })
  local both = awl.gather {
    function() return child:read "a" end,
    function() return child:read_error "a" end,
  }
  return both[1], both[2], (child:wait())
end

describe("awl.emit", function()
  it("writes one line of JSON, members sorted", function()
    assert.are.equal('{"a":"x\\ny","b":[1,2]}\n', (run 'awl.emit { b = { 1, 2 }, a = "x\\ny" }'))
  end)

  it("leaves the table alone", function()
    local out = run [[
      local t = { a = 1 }
      awl.emit(t)
      for k in pairs(t) do print(k) end]]
    assert.are.equal('{"a":1}\na\n', out)
  end)

  it("raises for what is not JSON, and writes nothing", function()
    local out, _, status = run "awl.emit { a = print }"
    assert.are.equal("", out)
    assert.are.equal(2, status)
  end)

  it("adds the account and the region of the context", function()
    local out = run [[
      local task = require "awl.core.task"
      task.with_context({ account = "123", region = "eu-west-1", item = "i" }, function()
        awl.emit { a = 1 }
        awl.emit { region = "other" }
      end)]]
    assert.are.equal('{"a":1,"account":"123","region":"eu-west-1"}\n'
      .. '{"account":"123","region":"other"}\n', out)
  end)
end)

describe("awl.log", function()
  it("writes one line an event on standard error", function()
    local out, err = run [[
      awl.log.error("it failed\n", { n = 1, text = "a b", word = "w", ok = true })]]
    assert.are.equal("", out)
    local time = "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ "
    assert.truthy(err:match(
      time .. 'ERROR it failed\\n n=1 ok=true text="a b" word=w\n$'))
  end)

  it("leaves secrets out, however deep", function()
    local _, err = run [[
      awl.log.info("m", { password = "p1", SecretAccessKey = "p2", api_key = "p3",
        deep = { session_token = "p4", list = { { Authorization = "p5" } } } })]]
    assert.is_nil(err:find "p%d")
    local _, count = err:gsub("%[redacted%]", "")
    assert.are.equal(5, count)
  end)

  it("shows info and more, unless told otherwise", function()
    local code = 'for _, l in ipairs { "debug", "info", "warn", "error" } do awl.log[l](l) end'
    local function levels(options)
      local _, err = run(code, options)
      local found = {}
      for level in err:gmatch "Z %u+ +(%l+)" do found[#found + 1] = level end
      return table.concat(found, " ")
    end
    assert.are.equal("info warn error", levels())
    assert.are.equal("debug info warn error", levels { options = { "--debug" } })
    assert.are.equal("error", levels { options = { "--log", "error" } })
    assert.are.equal("warn error", levels { env = { AWL_LOG = "warn" } })
    assert.are.equal("", levels { options = { "--log=off" } })
  end)

  it("takes fields from the task's context", function()
    local _, err = run [[
      require "awl.core.task".with_context({ item = "k", log = { run = 7 }, deadline = 1 },
        function() awl.log.info("m", { a = 1 }) end)]]
    assert.truthy(err:find "m a=1 item=k run=7\n$")
  end)

  it("writes anything without failing", function()
    local _, err, status = run [[
      local cycle = {}
      local err = require "awl.core.error".new { message = "oops" }
      awl.log.info(nil, { bytes = "\xff", f = print, e = err, cycle = cycle })
      awl.log.info({}, {})]]
    assert.are.equal(0, status)
    assert.truthy(err:find "e=.*oops")
  end)
end)

describe("awl.stdin", function()
  it("reads lines while other tasks run", function()
    local out = run([[
      local ticks = 0
      local ticker = awl.spawn(function() while true do awl.sleep(0) ticks = ticks + 1 end end)
      for line in awl.stdin:lines() do print(line) end
      ticker:cancel()
      print(awl.stdin:read(), awl.stdin:read "a")]], { input = "one\\ntwo\\n\\nlast" })
    assert.are.equal("one\ntwo\n\nlast\nnil\t\n", out)
  end)

  it("reads bytes and the rest", function()
    local out = run("print(awl.stdin:read(2), awl.stdin:read 'L', #awl.stdin:read 'a')",
      { input = "abc\\nrest" })
    assert.are.equal("ab\tc\n\t4\n", out)
  end)

  it("is at its end where there is no input", function()
    assert.are.equal("nil\n", (run "print(awl.stdin:read())"))
  end)
end)
