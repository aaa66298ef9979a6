-- The harness tests itself, on files that it writes.
local awl = require "awl"
local harness = require "awl.test"

--- Runs a file with that text: each result as "status place: message".
local function run(text, options)
  local path = os.tmpname()
  awl.fs.write_file(path, text)
  local results = {}
  harness.run_file(path, options or {}, function(result)
    local line = ("%s %s %s"):format(result.status, result.place:match ":(%d+)$", result.name)
    if result.message then
      line = line .. ": " .. result.message:gsub(path:gsub("%p", "%%%0"), "FILE")
    end
    results[#results + 1] = line
  end)
  os.remove(path)
  return results
end

describe("awl test", function()
  it("runs hooks of every block around it, inner ones nearest", function()
    local results = run [[
      log = {}
      before_each(function() table.insert(log, "a") end)
      after_each(function() table.insert(log, "z") end)
      describe("x", function()
        before_each(function() table.insert(log, "b") end)
        after_each(function() table.insert(log, "y") end)
        it("one", function() table.insert(log, "!") end)
      end)
      it("two", function() assert.are.equal("ab!yza", table.concat(log)) end)]]
    assert.are.same({ "passed 7 x one", "passed 9 two" }, results)
  end)

  it("runs the after hooks of a test that failed", function()
    local results = run [[
      local ran = false
      after_each(function() ran = true end)
      it("fails", function() error("no") end)
      it("sees", function() assert.is_true(ran) end)]]
    assert.are.same({ "failed 3 fails: FILE:3: no", "passed 4 sees" }, results)
  end)

  it("skips", function()
    local results = run [[
      it("one", function(t) t:skip("no server") end)
      pending("two")
      it("three")]]
    assert.are.same({ "skipped 1 one: no server", "skipped 2 two: pending",
      "skipped 3 three: pending" }, results)
  end)

  it("keeps the globals of a file to itself", function()
    run "leaked_global = 1 it('x', function() another_global = 2 end)"
    assert.is_nil(rawget(_G, "leaked_global"))
    assert.is_nil(rawget(_G, "another_global"))
  end)

  it("fails a test that leaves a task behind", function()
    local results = run [[
      local awl = require "awl"
      it("x", function() forgotten = awl.spawn(awl.sleep, 1000) end)
      it("y", function() forgotten:cancel() pcall(forgotten.await, forgotten) end)]]
    assert.truthy(results[1]:find "^failed 2 x: 1 task%(s%) of the test still live")
    assert.are.equal("passed 3 y", results[2])
  end)

  it("fails a test that leaves a handle open", function()
    local results = run [[
      local process = require "awl.core.process"
      it("x", function()
        child = process.start({ "sleep", "100" }, { stdout = "pipe" })
        require "awl".spawn(pcall, child.read, child)
        require "awl".sleep(0)
      end)
      it("y", function() child:kill() child:wait() child:close() end)]]
    assert.truthy(results[1]:find "^failed 2 x: ")
  end)

  it("tells a file that cannot be loaded", function()
    local results = run "it('x' function() end)"
    assert.truthy(results[1]:find "^failed 1 .*'%)' expected near 'function'")
    assert.are.equal(1, #results)
  end)

  it("runs what the filter matches", function()
    assert.are.same({ "passed 1 b c" },
      run("it('a') describe('b', function() it('c', function() end) end)", { filter = "b c" }))
  end)

  it("gives a test a clock that moves only by waiting", function()
    local results = run [[
      local awl = require "awl"
      it("sleeps", function(t)
        local begin = t.clock:now()
        awl.sleep(3600)
        awl.gather { function() awl.sleep(2) end, function() awl.sleep(5) end }
        assert.are.same({ 3600, 2, 3 }, t.clock:slept())
        assert.are.equal(begin + 3605, t.clock:now())
      end)
      it("has the real one again", function()
        assert.is_true(math.abs(awl.time.now() - os.time()) < 5)
      end)]]
    assert.are.same({ "passed 2 sleeps", "passed 9 has the real one again" }, results)
  end)
end)
