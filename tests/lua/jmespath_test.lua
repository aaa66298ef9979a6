local awl = require "awl"
local jmespath, json = awl.jmespath, awl.json

local function error_of(expression, value)
  local ok, err = pcall(jmespath.search, expression, value)
  assert.is_false(ok)
  return err
end

describe("awl.jmespath.search", function()
  it("finds what the expression says", function()
    local value = { Reservations = {
      { Instances = { { Id = "i-1", State = { Name = "running" } },
                      { Id = "i-2", State = { Name = "stopped" } } } },
      { Instances = { { Id = "i-3", State = { Name = "running" } } } },
    } }
    assert.are.same({ "i-1", "i-3" },
      jmespath.search("Reservations[].Instances[?State.Name == 'running'][].Id", value))
    assert.are.same({ { id = "i-1" }, { id = "i-2" }, { id = "i-3" } },
      jmespath.search("Reservations[].Instances[].{id: Id}", value))
  end)

  it("gives nil for null, and awl.json.null within lists and objects", function()
    assert.is_nil(jmespath.search("a.b", { a = {} }))
    assert.is_nil(jmespath.search("a", { a = json.null }))
    assert.is_nil(jmespath.search("`null`", {}))
    assert.are.same({ 1, json.null }, jmespath.search("[a, b]", { a = 1 }))
    assert.are.same({ x = json.null }, jmespath.search("{x: b}", { a = 1 }))
  end)

  it("takes an empty plain table for whichever is asked for", function()
    assert.are.equal(0, jmespath.search("length(a)", { a = {} }))
    assert.are.same({}, jmespath.search("a[]", { a = {} }))
    assert.are.same({}, jmespath.search("keys(a)", { a = {} }))
    assert.is_true(jmespath.search("a == `[]`", { a = {} }))
    assert.is_true(jmespath.search("a == `{}`", { a = {} }))
    assert.is_false(jmespath.search("contains(a, 'x')", { a = {} }))
    assert.are.equal(1, jmespath.search("length(a[])", { a = { {}, { 1 } } }))
  end)

  it("tells marked arrays from objects", function()
    assert.are.equal("array", jmespath.search("type(@)", json.array {}))
    assert.are.equal("object", jmespath.search("type(@)", {}))
    assert.is_true(json.is_array(jmespath.search("a[?@ > `9`]", { a = { 1 } })))
    assert.are.equal("[]", json.encode(jmespath.search("`[]`", {})))
  end)

  it("counts characters, not bytes", function()
    assert.are.equal(4, jmespath.search("length(@)", "aé😀z"))
    assert.are.equal("z😀éa", jmespath.search("reverse(@)", "aé😀z"))
  end)

  it("keeps integers exact", function()
    local big = { 9007199254740993, 9007199254740992, 9007199254740992.0, 1.5 }
    assert.are.same({ 1.5, 9007199254740992, 9007199254740992.0, 9007199254740993 },
      jmespath.search("sort(@)", big))
    assert.are.equal(math.maxinteger, jmespath.search("max(@)", { 1, math.maxinteger, 2.5 }))
    assert.are.equal("integer", math.type(jmespath.search("sum(@)", { 1, 2 })))
    assert.are.equal("float", math.type(jmespath.search("sum(@)", { math.maxinteger, 1 })))
    assert.are.equal(2.0 ^ 63, jmespath.search("abs(@)", math.mininteger))
  end)

  it("sorts stably", function()
    local list = {}
    for i = 1, 100 do list[i] = { k = i % 3, n = i } end
    local sorted = jmespath.search("sort_by(@, &k)[].n", list)
    for i = 2, 100 do
      local a, b = sorted[i - 1], sorted[i]
      assert.is_true(a % 3 < b % 3 or (a % 3 == b % 3 and a < b))
    end
  end)

  it("goes through members in one order", function()
    local value = {}
    for i = 1, 50 do value[("k%02d"):format(i)] = i end
    local wanted = {}
    for i = 1, 50 do wanted[i] = i end
    assert.are.same(wanted, jmespath.search("*", value))
    assert.are.same(wanted, jmespath.search("values(@)", value))
    assert.are.equal('{"a":[1,2.5,"x",null,{}],"b":true}',
      jmespath.search("to_string(@)", { b = true, a = { 1, 2.5, "x", json.null, {} } }))
  end)

  it("gives literals of which each is the script's own", function()
    local first = jmespath.search("`[1]`", {})
    first[1] = 2
    assert.are.same({ 1 }, jmespath.search("`[1]`", {}))
  end)

  it("passes on what JSON does not know", function()
    assert.are.equal(print, jmespath.search("a.b", { a = { b = print } }))
    assert.are.equal("invalid-type", error_of("length(@)", print).code)
    assert.are.equal("invalid-value", error_of("to_string(@)", { a = print }).code)
  end)

  it("reads tables as they are, without metamethods", function()
    local value = setmetatable({}, { __index = function() error "called" end })
    assert.is_nil(jmespath.search("a", value))
  end)
end)

describe("a wrong expression", function()
  it("is an input error that says where and what", function()
    local err = error_of("foo[bar", {})
    assert.are.equal("input", err.kind)
    assert.are.equal("syntax", err.code)
    assert.are.equal("JMESPath 'foo[bar', byte 5: expected a number, ':' or '*', got 'bar'",
      tostring(err))
    assert.truthy(tostring(error_of("a.", {})):find("but it ends here", 1, true))
    assert.truthy(tostring(error_of("a = b", {})):find("equality is '=='", 1, true))
  end)

  it("is found whether or not it would be reached", function()
    assert.are.equal("unknown-function", error_of("`true` || nope(@)", {}).code)
    assert.are.equal("invalid-arity", error_of("`true` || abs()", {}).code)
    assert.are.equal("invalid-type", error_of("sort_by(@, a)", {}).code)
    assert.are.equal("invalid-type", error_of("abs(&a)", {}).code)
    assert.are.equal("invalid-value", error_of("a[::0]", {}).code)
  end)

  it("tells which argument was wrong", function()
    assert.are.equal("JMESPath 'a.abs(@)', byte 3: argument 1 of abs() must be number, "
      .. "got string", tostring(error_of("a.abs(@)", { a = "x" })))
  end)

  it("cannot exhaust the stack, the memory or the time", function()
    assert.are.equal("syntax", error_of(("("):rep(10000), {}).code)
    assert.are.equal("syntax", error_of("a" .. (".a"):rep(10000), {}).code)
    assert.are.equal("syntax", error_of(("!"):rep(10000) .. "a", {}).code)
    assert.are.equal("syntax", error_of(("a"):rep(70000), {}).code)
    assert.are.equal("invalid-value", error_of(("[@,@][]|"):rep(60) .. "@", { 1 }).code)
    assert.are.equal("invalid-value",
      error_of(("join('',[@,@])|"):rep(60) .. "@", "12345678").code)
  end)

  it("may meet a table within itself", function()
    local a, b = {}, {}
    a[1], b[1] = a, b
    assert.are.equal("invalid-value", error_of("[0] == [1]", { a, b }).code)
    assert.are.equal("invalid-value", error_of("to_string(@)", a).code)
  end)
end)

describe("awl.jmespath.compile", function()
  it("gives an expression to call", function()
    local first = jmespath.compile "a[0]"
    assert.are.equal(1, first { a = { 1, 2 } })
    assert.are.equal("a[0]", tostring(first))
    assert.are.equal(2, jmespath.search(first, { a = { 2 } }))
  end)

  it("compiles the same text once, and forgets what is not used", function()
    local kept = jmespath.compile "kept"
    local weak = setmetatable({ (jmespath.compile "dropped") }, { __mode = "v" })
    for i = 1, 1000 do
      jmespath.compile("field_" .. i)
      assert.are.equal(kept, jmespath.compile "kept")
    end
    collectgarbage()
    assert.is_nil(weak[1])
  end)

  it("wants a string", function()
    assert.is_false(pcall(jmespath.compile, 1))
    assert.is_false(pcall(jmespath.compile))
    assert.is_false(pcall(jmespath.search))
  end)
end)
