-- awl.limiter: rate and burst.
local awl = require "awl"
local task = require "awl.core.task"

describe("awl.limiter", function()
  it("lets a burst through and then so many a second", function(t)
    local _ = t.clock
    local limiter = awl.limiter(2, 3)
    local began, times = task.now(), {}
    for i = 1, 6 do
      limiter:acquire()
      times[i] = task.now() - began
    end
    for i, expected in ipairs { 0, 0, 0, 0.5, 1, 1.5 } do assert.is_near(expected, times[i], 1e-5) end
    awl.sleep(60) -- no more than the burst is saved up
    began = task.now()
    for _ = 1, 4 do limiter:acquire() end
    assert.is_near(0.5, task.now() - began, 1e-5)
  end)

  it("serves ten thousand tasks in the order they came, at the exact rate", function(t)
    local _ = t.clock
    local limiter, order, began = awl.limiter(1000), {}, task.now()
    awl.scope(function(scope)
      for i = 1, 10000 do
        scope:spawn(function()
          limiter:acquire()
          order[#order + 1] = i
        end)
      end
    end)
    for i = 1, 10000 do assert(order[i] == i) end
    assert.is_near(9.999, task.now() - began, 1e-3)
  end)

  it("takes no tokens for a wait that is canceled", function(t)
    local _ = t.clock
    local limiter = awl.limiter(1, 5)
    limiter:acquire(5)
    local began = task.now()
    local greedy = awl.spawn(function() limiter:acquire(5) end)
    local second = awl.spawn(function() limiter:acquire() end)
    local third = awl.spawn(function() limiter:acquire() return task.now() - began end)
    awl.sleep(0.5)
    greedy:cancel()
    second:cancel()
    assert.is_near(1, third:await(), 1e-5)
  end)

  it("tries without waiting, and not before those who wait", function(t)
    local _ = t.clock
    local limiter = awl.limiter(1, 2)
    assert.is_true(limiter:try_acquire(2))
    assert.is_false(limiter:try_acquire())
    local waiting = awl.spawn(function() limiter:acquire(2) end)
    awl.sleep(1.5)
    assert.is_false(limiter:try_acquire())
    waiting:await()
    awl.sleep(1)
    assert.is_true(limiter:try_acquire())
  end)

  it("wraps a function", function(t)
    local _ = t.clock
    local limiter, began = awl.limiter(10), task.now()
    local run = awl.map({ 1, 2, 3 }, limiter:wrap(function(item, index) return item * 10 + index end))
    assert.are.same({ 11, 22, 33 }, run.results)
    assert.is_near(0.2, task.now() - began, 1e-5)
  end)

  it("is not slowed by timers that come late, nor makes up for a standstill", function(t)
    local _ = t.clock
    local limiter, began, count = awl.limiter(100), task.now(), 0
    local function take() limiter:acquire() count = count + 1 end
    take()
    awl.scope(function(scope)
      for _ = 1, 100 do scope:spawn(take) end
      awl.sleep(0)
      t.clock:advance(0.03) -- three were due
      awl.sleep(0)
      for _ = 1, 1000 do awl.sleep(0) end
      assert.are.equal(4, count)
      assert.is_near(0.03, task.now() - began, 1e-3)
      t.clock:advance(100)
      awl.sleep(0.001)
      assert.is_true(count <= 12)
    end)
  end)

  it("refuses what can never be", function()
    for _, arguments in ipairs { {}, { 0 }, { -1 }, { 1, 0 }, { "x" }, { math.huge }, { 0 / 0 } } do
      assert.is_false(pcall(awl.limiter, table.unpack(arguments)))
    end
    local limiter = awl.limiter(1, 2)
    for _, count in ipairs { 3, 0, -1, "x" } do
      assert.is_false(pcall(limiter.acquire, limiter, count))
    end
  end)
end)
