local time = require "awl".time

describe("awl.time", function()
  it("writes and reads ISO times", function()
    assert.are.equal("2015-08-30T12:36:00.123Z", time.iso(1440938160.123))
    assert.are.equal(1440938160.123, time.parse "2015-08-30T12:36:00.123Z")
    assert.are.equal(0.0, time.parse "1970-01-01T01:00:00+01:00")
  end)

  it("reads the time of HTTP headers and numbers", function()
    assert.are.equal(1440938160.0, time.parse "Sun, 30 Aug 2015 12:36:00 GMT")
    assert.are.equal(1440938160.5, time.parse "1440938160.5")
  end)

  it("refuses what is not a time", function()
    local ok, err = pcall(time.parse, "yesterday")
    assert.is_false(ok)
    assert.are.equal("'yesterday' is not a time such as 2026-01-31T12:00:00Z or seconds "
      .. "since 1970", err.message)
    assert.has_error(function() time.iso(1e20) end)
    assert.has_error(function() time.iso(0 / 0) end)
  end)

  it("reads the test's clock", function(t)
    local begin = t.clock:now()
    assert.are.equal("2026-01-01T00:00:00Z", time.iso(begin))
    t.clock:advance(90)
    assert.are.equal(begin + 90, time.now())
    assert.are.equal(begin + 90 - 7200, time.ago "2h")
    assert.are.equal("2026-01-01T00:01:30Z", time.iso())
  end)

  it("reads durations", function()
    assert.are.equal(5400.0, time.duration "1h30m")
    assert.are.equal(0.5, time.duration "0.5s")
    assert.are.equal(8 * 86400.0, time.duration "1w1d")
    assert.are.equal(12, time.duration(12))
    for _, text in ipairs { "", "h", "5", "5y", "1h30", "-1h", "1..5s" } do
      assert.is_false(pcall(time.duration, text))
    end
  end)
end)
