-- describe.lua: the page of every service and every operation of it, and of some shapes,
-- written with 80 columns, within a time that a loop without end would not keep.
local describe = require "awl.describe"
local new_page = require "awl.describe.page"

local WIDTH = 80
local SHAPES_A_SERVICE = 10

-- What cannot be broken may stick out: one word, behind a bullet too; a line of code
-- that is a call with one name.
local function may_be_long(line)
  return not line:gsub("^%s*[-%d]*%.? ?", ""):find "%S%s+%S"
    or line:find "^%s+[%w_.]+:[%w_]+ {$" or line:find '^%s+"[%w_]+"%)[:%w()]* do$'
end

local function check(text, what)
  local wrong = 0
  for line in text:gmatch "[^\n]+" do
    if (utf8.len(line) or #line) > WIDTH and not may_be_long(line) then
      print(("too long in %s: %s"):format(what, line))
      wrong = wrong + 1
    elseif line:find "%s$" or line:find "[\1-\31\127]" then
      print(("%s: spaces at the end or control characters: %q"):format(what, line))
      wrong = wrong + 1
    end
  end
  return wrong
end

local pages, wrong = 0, 0
local function write(context, name)
  context.page = new_page()
  describe.write(context, describe.find(context, name))
  pages = pages + 1
  wrong = wrong + check(context.page:text(), context.catalog.service.name .. " " .. (name or ""))
end

for _, service in ipairs(require "awl.core.models".services()) do
  local context = describe.open(service)
  write(context, nil)
  for _, operation in ipairs(context.catalog:operations()) do write(context, operation.name) end
  local names = context.catalog:shape_names()
  for at = 1, #names, math.max(#names // SHAPES_A_SERVICE, 1) do write(context, names[at]) end
  for _, waiter in ipairs(context.catalog:waiters()) do write(context, waiter.name) end
end
print(("%d pages, %d wrong lines"):format(pages, wrong))
os.exit(wrong == 0 and pages > 18000)
