local awl = require "awl"
local json = awl.json

local function message_of(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return type(err) == "table" and err.message or err
end

describe("awl.json.encode", function()
  it("keeps integers exact and floats floats", function()
    assert.are.equal("[9223372036854775807,-9223372036854775808,0,1.0,0.1,1e+300]",
      json.encode { math.maxinteger, math.mininteger, 0, 1.0, 0.1, 1e300 })
  end)

  it("sorts members, so that the same value is the same text", function()
    assert.are.equal('{"a":1,"b":{"c":2,"d":3},"z":4}',
      json.encode { z = 4, b = { d = 3, c = 2 }, a = 1 })
  end)

  it("can leave them as they come", function()
    local text = json.encode({ b = 1, a = 2 }, { sort_keys = false })
    assert.are.same({ a = 2, b = 1 }, json.decode(text))
  end)

  it("takes an empty table for an object, unless it is marked", function()
    assert.are.equal('{"list":[],"object":{}}',
      json.encode { list = json.array {}, object = {} })
    assert.are.equal("[]", json.encode(json.array()))
  end)

  it("writes null and booleans", function()
    assert.are.equal("[null,true,false]", json.encode { json.null, true, false })
  end)

  it("escapes what must be escaped", function()
    assert.are.equal([["\"\\\n\u0001/é"]], json.encode "\"\\\n\1/é")
  end)

  it("lays out a pretty text", function()
    assert.are.equal('{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}',
      json.encode({ a = { 1, {} }, b = json.array {} }, { pretty = true }))
  end)

  it("names the path of what it cannot write", function()
    assert.are.equal("cannot encode as JSON: a.b[2]: a function is not JSON",
      message_of(json.encode, { a = { b = { 1, print } } }))
    assert.are.equal("cannot encode as JSON: x: the table has both elements and other keys",
      message_of(json.encode, { x = { 1, 2, y = 3 } }))
    assert.are.equal("cannot encode as JSON: x[2]: NaN is not JSON",
      message_of(json.encode, { x = { 1, 0 / 0 } }))
    assert.are.equal("cannot encode as JSON: infinity is not JSON",
      message_of(json.encode, math.huge))
    assert.are.equal("cannot encode as JSON: a member's name is not a string",
      message_of(json.encode, { [0] = 1 }))
    assert.truthy(message_of(json.encode, { b = "\xff" })
      :find("b: the string is not UTF-8", 1, true))
  end)

  it("refuses sequences with holes", function()
    assert.truthy(message_of(json.encode, { 1, nil, 3, n = nil }):find "JSON")
  end)

  it("refuses a table within itself", function()
    local t = {}
    t.t = t
    assert.truthy(message_of(json.encode, t):find "nested too deeply")
  end)

  it("raises structured errors", function()
    local _, err = pcall(json.encode, print)
    assert.are.equal("input", err.kind)
    assert.is_true(err:is "InvalidJson")
  end)

  it("survives weak tables", function()
    local weak = setmetatable({}, { __mode = "v" })
    for i = 1, 100 do weak["k" .. i] = { i } end
    assert.are.equal("string", type(json.encode(weak)))
  end)
end)

describe("awl.json.decode", function()
  it("keeps integers exact and floats floats", function()
    local list = json.decode "[9223372036854775807,-1,1.0,1e2,18446744073709551616]"
    assert.are.equal(math.maxinteger, list[1])
    assert.are.same({ "integer", "integer", "float", "float", "float" }, {
      math.type(list[1]), math.type(list[2]), math.type(list[3]), math.type(list[4]),
      math.type(list[5]) })
  end)

  it("gives null a value of its own", function()
    local value = json.decode '{"a":null,"b":[null]}'
    assert.are.equal(json.null, value.a)
    assert.are.equal(json.null, value.b[1])
    assert.is_nil(value.c)
  end)

  it("remembers that an empty array was one", function()
    assert.are.equal('{"a":[],"b":{}}', json.encode(json.decode '{"a":[],"b":{}}'))
    assert.is_true(json.is_array(json.decode "[]"))
    assert.is_false(json.is_array(json.decode "{}"))
  end)

  it("resolves escapes", function()
    assert.are.equal("a\n\"é😀", json.decode [["a\n\"\u00e9\ud83d\ude00"]])
  end)

  it("tells the byte where the text is wrong", function()
    assert.are.equal("invalid JSON at byte 6: expected a value",
      message_of(json.decode, '{"a":}'))
    assert.truthy(message_of(json.decode, ""):find "ends too early")
    assert.truthy(message_of(json.decode, "[1,]"):find "byte 4")
    assert.truthy(message_of(json.decode, "1 2"):find "something after the value")
    assert.truthy(message_of(json.decode, ("["):rep(300)):find "nested too deeply")
  end)

  it("goes as deep as it says", function()
    local text = ("["):rep(256) .. ("]"):rep(256)
    assert.are.equal(text, json.encode(json.decode(text)))
  end)
end)
