-- The manual, lua/awl/types, beside the program.
local awl = require "awl"

local here = debug.getinfo(1, "S").source:match "^@(.*)/" or "."
local source = here .. "/../../lua/awl/"

local function manual()
  local pages = {}
  for _, name in ipairs(awl.fs.list(source .. "types")) do
    pages[#pages + 1] = awl.fs.read_file(source .. "types/" .. name)
  end
  return table.concat(pages, "\n")
end

describe("the manual", function()
  it("has every name that awl has", function()
    local text, missing, count = manual(), {}, 0
    for name in awl.fs.read_file(source .. "init.lua"):gmatch '\n  ([%w_]+) = "awl%.' do
      local there = text:find("function awl." .. name .. "(", 1, true)
        or text:find("---@field " .. name .. " ", 1, true)
      count = count + 1
      if not there then missing[#missing + 1] = name end
    end
    assert.are.same({}, missing)
    assert.is_true(count > 20)
  end)
end)
