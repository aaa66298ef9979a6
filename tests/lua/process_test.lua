-- awl.process: other programs.
local awl = require "awl"
local process = awl.process

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local function is_running(pid) return os.execute(("kill -0 %d 2>/dev/null"):format(pid)) == true end

local function children()
  local pid = awl.fs.read_file("/proc/self/stat"):match "^%d+"
  return awl.fs.read_file(("/proc/%s/task/%s/children"):format(pid, pid))
end

local function descriptors() return #awl.fs.list "/proc/self/fd" end

--- Lets the test's time pass while a program that runs keeps it from passing by itself.
local function pass(t, seconds)
  return awl.spawn(function()
    for _ = 1, 3 do awl.sleep(0) end
    t.clock:advance(seconds)
  end)
end

describe("process.run", function()
  it("gives the code and all output", function()
    local result = process.run { "sh", "-c", "cat; echo oops >&2; exit 3", stdin = "in" }
    assert.are.same({ code = 3, stdout = "in", stderr = "oops\n" }, result)
    assert.are.same({ signal = 9, stdout = "", stderr = "" },
      process.run { "sh", "-c", "kill -9 $$" })
  end)

  it("hands words over as they are, without a shell", function()
    assert.are.equal("$HOME|a b|*|7|", process.run { "printf", "%s|", "$HOME", "a b", "*", 7 }.stdout)
  end)

  it("sets the folder and the environment, and leaves no descriptor open", function()
    local result = process.run { "sh", "-c", "pwd; echo $AWL_TEST_A ${HOME-unset}; ls /proc/self/fd",
      cwd = "/", env = { AWL_TEST_A = 5, HOME = false } }
    assert.are.equal("/\n5 unset\n0\n1\n2\n3\n", result.stdout) -- 3 is the listed folder
  end)

  it("feeds more than a pipe holds, from text, a function and a file", function(t)
    local text = ("0123456789abcdef"):rep(200000)
    local pieces = 0
    local function source()
      pieces = pieces + 1
      awl.sleep(0)
      return pieces <= 20 and text:sub((pieces - 1) * 160000 + 1, pieces * 160000) or nil
    end
    local path = os.tmpname()
    t:finally(function() os.remove(path) end)
    awl.fs.write_file(path, text)
    local file <close> = awl.fs.open(path)
    for _, stdin in ipairs { text, source, file } do
      assert.is_true(process.run { "cat", stdin = stdin }.stdout == text)
    end
  end)

  it("does not mind a program that reads only some of it", function()
    local function endless() return ("x"):rep(100000) end
    assert.are.equal("xxx", process.run { "head", "-c", "3", stdin = endless }.stdout)
    local never = awl.channel()
    local result = process.run { "true", stdin = function() return never:receive() end }
    assert.are.equal(0, result.code)
  end)

  it("gives nothing to read unless told", function()
    assert.are.equal("", process.run { "cat" }.stdout)
  end)

  it("raises what the function that feeds raises, and ends the program", function()
    local err = failure(process.run, { "cat", stdin = function() error("no more", 0) end })
    assert.are.equal("no more", err)
    assert.matches("a number", failure(process.run, { "cat", stdin = function() return 1 end }))
    assert.are.equal("", children())
  end)

  it("says why a program cannot be started", function()
    local err = failure(process.run, { "awl-no-such-program" })
    assert.are.equal("ENOENT", err.code)
    assert.matches("awl%-no%-such%-program", tostring(err))
    assert.are.equal("EACCES", failure(process.run, { "/etc/passwd" }).code)
    assert.are.equal("ENOENT", failure(process.run, { "true", cwd = "/no/such/folder" }).code)
  end)

  it("raises for a code other than 0 where that is asked for", function()
    local err = failure(process.run, { "sh", "-c", "echo why >&2; exit 4", check = true })
    assert.are.equal("ProcessFailed", err.code)
    assert.are.equal("'sh' ended with status 4: why", tostring(err))
    assert.are.equal(4, err.result.code)
    assert.are.equal(0, process.run { "true", check = true }.code)
  end)

  it("ends a program that takes too long", function(t)
    local _ = t.clock
    pass(t, 3)
    local err = failure(process.run, { "sleep", "1000", timeout = 2 })
    assert.are.equal("timeout", err.kind)
    assert.are.equal("Timeout: 'sleep' has not ended within 2 s", tostring(err))
    assert.are.equal("", children())
  end)

  it("ends it when the task is canceled", function()
    local before = descriptors()
    local running = awl.spawn(process.run, { "sh", "-c", "exec sleep 1000", stdin = "x" })
    while children() == "" do awl.sleep(0) end
    running:cancel()
    assert.are.equal("TaskCanceled", failure(running.await, running).code)
    assert.are.equal("", children())
    awl.sleep(0)
    assert.are.equal(before, descriptors())
  end)

  it("holds no more output than it may", function()
    local err = failure(process.run, { "yes", max_output = 100000 })
    assert.are.equal("TooLarge", err.code)
    assert.are.equal("", children())
  end)

  it("can leave the streams alone", function()
    local result = process.run { "sh", "-c", "echo no; echo out >&2", stdout = false, stderr = false }
    assert.are.same({ code = 0 }, result)
  end)

  it("leaves nothing behind after many at a time", function()
    local before = descriptors()
    local items = {}
    for i = 1, 100 do items[i] = i end
    local run = awl.map(items, function(i) return process.run { "echo", i }.stdout end,
      { concurrency = 20 })
    assert.are.equal(100, run.succeeded)
    assert.are.equal("100\n", run.results[100])
    awl.sleep(0)
    assert.are.equal(before, descriptors())
    assert.are.equal("", children())
  end)

  it("refuses what it does not know", function()
    assert.matches("did you mean 'timeout'", failure(process.run, { "true", timeoutt = 1 }))
    for _, spec in ipairs { {}, { {} }, { "true", stdin = 5 }, { "true", stdout = "file" },
                            { "true", "a\0b" }, { "true", env = { ["A=B"] = "c" } },
                            { "true", env = { A = "b\0c" } } } do
      assert.is_false(pcall(process.run, spec))
    end
  end)
end)

describe("process.spawn", function()
  it("is talked to line by line", function()
    local child <close> = process.spawn { "cat" }
    assert.are.equal("one", child:write("one\n", "two\n"):read())
    assert.are.equal("two", child:read())
    child:write "three\nfour"
    child:close_stdin()
    local lines = {}
    for line in child:lines() do lines[#lines + 1] = line end
    assert.are.same({ "three", "four" }, lines)
    assert.are.equal(0, child:wait())
    assert.is_false(pcall(child.write, child, "x"))
  end)

  it("waits while the program reads too slowly", function()
    local child <close> = process.spawn { "sh", "-c", "read go; exec wc -c" }
    local written = 0
    local writer = awl.spawn(function()
      child:write "go\n"
      for _ = 1, 10 do
        child:write(("x"):rep(1 << 20))
        written = written + 1
      end
      child:close_stdin()
    end)
    assert.are.equal(10 << 20, tonumber(child:read()))
    writer:await()
    assert.are.equal(10, written)
  end)

  it("says that it reads no more", function()
    local child <close> = process.spawn { "true" }
    child:wait()
    local err = failure(function() while true do child:write(("x"):rep(1 << 16)) end end)
    assert.are.equal("EPIPE", err.code)
  end)

  it("is ended with its block", function()
    local pid
    do
      local child <close> = process.spawn { "sleep", "1000" }
      pid = child.pid
      assert.is_true(is_running(pid))
    end
    assert.is_false(is_running(pid))
    assert.are.equal("", children())
  end)

  it("is killed when it will not end", function(t)
    local _ = t.clock
    local child = process.spawn { "sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.01; done" }
    assert.are.equal("up", child:read())
    pass(t, 6)
    child:close()
    assert.are.same({ nil, 9 }, { child:wait() })
    child:close()
    child:kill()
  end)

  it("is waited for by any number of tasks", function()
    local child <close> = process.spawn { "sh", "-c", "read x; exit 5" }
    local tasks = {}
    for i = 1, 3 do tasks[i] = awl.spawn(child.wait, child) end
    tasks[3]:cancel()
    pcall(tasks[3].await, tasks[3])
    child:close_stdin()
    assert.are.equal(5, tasks[1]:await())
    assert.are.equal(5, tasks[2]:await())
    assert.are.equal(5, child:wait())
  end)

  it("takes signals by name and number", function()
    for _, signal in ipairs { "TERM", 15 } do
      local child <close> = process.spawn { "sleep", "1000" }
      child:kill(signal)
      assert.are.same({ nil, 15 }, { child:wait() })
    end
    local child <close> = process.spawn { "sleep", "1000" }
    assert.is_false(pcall(child.kill, child, "NOSUCH"))
  end)

  it("ends a group of its own whole", function()
    local child <close> = process.spawn { "sh", "-c", "sleep 1000 & echo $!; wait", new_group = true }
    local grandchild = tonumber(child:read())
    child:kill()
    child:wait()
    assert.is_nil(child:read()) -- the last one that had the pipe is gone
    assert.is_truthy(grandchild)
  end)

  it("may have its standard error read", function()
    local child <close> = process.spawn { "sh", "-c", "echo out; echo err >&2", stderr = "pipe" }
    assert.are.equal("err", child:read_error())
    assert.are.equal("out", child:read())
  end)
end)
