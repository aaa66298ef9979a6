local json = require "awl.json"
local show = require "awl.show"

describe("what people are shown of a value", function()
  it("is written as in Lua, the keys sorted", function()
    assert.are.equal('{ 1, "x\\ny", [0] = 0.5, a = true, ["b c"] = {} }',
      show { 1, "x\ny", ["b c"] = {}, a = true, [0] = 0.5 })
    assert.are.equal("{ json.null }", show(json.array { json.null }))
  end)

  it("has a line an entry when it is long", function()
    local long = ("x"):rep(60)
    assert.are.equal(('{\n  a = {\n    "%s",\n    "%s"\n  },\n  b = { 1 }\n}'):format(long, long),
      show { a = { long, long }, b = { 1 } })
  end)

  it("ends where a table is within itself", function()
    local value = { same = {} }
    value.self, value.again = value, value.same
    assert.are.equal("{ again = {}, same = {}, self = { ... } }", show(value))
    local deep = {}
    for _ = 1, 1000 do deep = { deep } end
    assert.truthy(show(deep):find("{ ... }", 1, true))
  end)

  it("leaves to objects what they say", function()
    local object = setmetatable({ a = 1 }, { __tostring = function() return "an object" end })
    assert.are.equal("{ o = an object }", show { o = object })
    local class = { method = print }
    class.__index = class
    assert.are.equal('{ code = "X" }', show(setmetatable({ code = "X" }, class)))
  end)

  it("calls no metamethods", function()
    local value = setmetatable({}, { __index = error, __len = error, __pairs = error })
    assert.are.equal("{}", show(value))
  end)
end)
