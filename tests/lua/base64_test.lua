local base64 = require "awl".base64

describe("awl.base64", function()
  it("gives back the bytes it was given", function()
    local bytes = {}
    for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
    local text = table.concat(bytes)
    for length = 0, 256 do
      local piece = text:sub(1, length)
      assert.are.equal(piece, base64.decode(base64.encode(piece)))
      assert.are.equal(piece, base64.decode_url(base64.encode_url(piece)))
    end
  end)

  it("has two alphabets", function()
    assert.are.equal("+/8=", base64.encode "\xfb\xff")
    assert.are.equal("-_8", base64.encode_url "\xfb\xff")
  end)

  it("refuses what is not base64", function()
    for _, text in ipairs { "a", "a b=", "====", "Zg=x" } do
      local ok, err = pcall(base64.decode, text)
      assert.is_false(ok)
      assert.are.equal("InvalidBase64", err.code)
    end
  end)
end)
