--- The page of a shape: a structure, list, map, or values with an enum or limits.
local new_tree = require "awl.describe.members"
local types = require "awl.describe.types"

local function kind_text(catalog, shape)
  if shape.exception then return "an error" end
  if shape.event_stream then return "an event stream: each event has one of these members" end
  if shape.union then return "a union: exactly one of these members" end
  if shape.type == "structure" then return "a structure" end
  return types.name(catalog, shape)
end

local function facts(catalog, shape)
  local parts = { kind_text(catalog, shape) }
  parts[#parts + 1] = types.limits(shape)
  if shape.sensitive then parts[#parts + 1] = "sensitive" end
  types.add_error(shape, ("err.code is %s"):format(shape.error_code), parts)
  return table.concat(parts, ", ")
end

--- The places of the shape and of all that have it in them, at whatever depth.
local function reaching(catalog, wanted)
  local parents = {}
  for place in ipairs(catalog:shape_names()) do
    for _, member in ipairs(catalog:shape(place).members or {}) do
      parents[member.shape] = parents[member.shape] or {}
      table.insert(parents[member.shape], place)
    end
  end
  local queue = { wanted }
  local found = { [wanted] = true }
  for _, place in ipairs(queue) do
    for _, parent in ipairs(parents[place] or {}) do
      if not found[parent] then
        found[parent] = true
        queue[#queue + 1] = parent
      end
    end
  end
  return found
end

local function uses(operation, places)
  for _, place in ipairs(operation.errors) do
    if places[place] then return true end
  end
  return places[operation.input or 0] or places[operation.output or 0]
end

--- The operations that take, give or raise the shape.
local function users(catalog, shape)
  local places = reaching(catalog, catalog:shape_place(shape.name))
  local names = {}
  for _, operation in ipairs(catalog:operations()) do
    if uses(operation, places) then names[#names + 1] = operation.method_name end
  end
  return names
end

local function write_members(context, shape)
  if not context.catalog:innermost(shape).members then return end
  local inner = context.catalog:innermost(shape)
  context.page:heading(inner == shape and "Members" or "Members of " .. inner.name)
  if #inner.members == 0 then return context.page:line "  none" end
  local tree = new_tree(context, shape.exception)
  tree:write(shape, 2)
  return tree.cut
end

--- Writes the page.
---@param context table page, catalog, docs, depth, brief
---@param shape table
return function(context, shape)
  local page, catalog = context.page, context.catalog
  page:heading(("%s of %s"):format(shape.name, catalog.service.full_name))
  page:paragraph(facts(catalog, shape), 2)
  local inner = catalog:innermost(shape)
  if shape.pattern then page:paragraph("pattern " .. shape.pattern, 2) end
  local text = not context.brief and context.docs:text("shape", shape.name)
  if text then
    page:gap()
    page:documentation(text, 2)
  end
  if inner.enum then
    page:heading(("Values (%d)"):format(#inner.enum))
    page:columns(inner.enum, 2)
  end
  local cut = write_members(context, shape)
  local names = users(catalog, shape)
  if #names > 0 then
    page:heading(("Used by (%d)"):format(#names))
    page:columns(names, 2)
  end
  return cut
end
