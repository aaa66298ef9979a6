--- Finds a word in a service: in the names of operations, waiters, shapes and members, in
--- the values of enums and, where there are any, in the texts.
---@class awl.describe.Match
---@field kind "operation"|"waiter"|"shape"|"member"|"value"
---@field name string
---@field within string? the structure of a member, the shape of a value
---@field text boolean? only the documentation has the word

local search = {}

local function plain(name) return (name:gsub("[-_ ]", ""):lower()) end

--- Whether a name has the word in it, whatever their styles.
---@param word string
---@return fun(name: string): boolean
function search.in_name(word)
  local wanted = plain(word)
  return function(name) return plain(name):find(wanted, 1, true) ~= nil end
end

--- Matches of one service, operations first.
---@param catalog awl.describe.Catalog
---@param docs awl.describe.Docs
---@param word string
---@return awl.describe.Match[]
function search.service(catalog, docs, word)
  local in_name, lower = search.in_name(word), word:lower()
  local found = {}
  local function offer(kind, name, within, html)
    local named = in_name(name)
    if named or (html and html:lower():find(lower, 1, true)) then
      found[#found + 1] = { kind = kind, name = name, within = within, text = not named or nil }
    end
  end
  for _, operation in ipairs(catalog:operations()) do
    offer("operation", operation.method_name, nil, docs:text("operation", operation.name))
  end
  for _, waiter in ipairs(catalog:waiters()) do offer("waiter", waiter.method_name) end
  for place, name in ipairs(catalog:shape_names()) do
    local shape = catalog:shape(place)
    offer("shape", name, nil, docs:text("shape", name))
    for _, member in ipairs(shape.type == "structure" and shape.members or {}) do
      offer("member", member.name, name, docs:text("member", name, member.name))
    end
    for _, value in ipairs(shape.enum or {}) do offer("value", value, name) end
  end
  return found
end

return search
