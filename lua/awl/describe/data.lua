--- Services, operations, shapes and waiters as plain tables, for `--output json`. The
--- fields are those of awl.core.model, with names where that has places.
local html = require "awl.describe.html"
local json = require "awl.json"

local data = {}

local function plain_text(text)
  if not text then return nil end
  local parts = {}
  for i, block in ipairs(html(text)) do parts[i] = (block.bullet or "") .. block.text end
  return table.concat(parts, "\n\n")
end

local function copy(record)
  local result = {}
  for key, value in pairs(record) do result[key] = value end
  return result
end

local function member_data(context, structure, member)
  local result = copy(member)
  local shape = context.catalog:shape(member.shape)
  result.shape = shape.name
  result.documentation = structure.type == "structure"
    and plain_text(context.docs:of_member(structure, member, shape)) or nil
  return result
end

local function shape_data(context, shape)
  local result = copy(shape)
  result.documentation = plain_text(context.docs:text("shape", shape.name))
  if not shape.members then return result end
  local members = json.array {}
  for i, member in ipairs(shape.members) do members[i] = member_data(context, shape, member) end
  result.members = nil
  if shape.type == "list" then
    result.member = members[1]
  elseif shape.type == "map" then
    result.key, result.value = members[1], members[2]
  else
    result.members = members
  end
  return result
end

local function add_shape(context, shapes, place)
  if not place then return end
  local shape = context.catalog:shape(place)
  if shapes[shape.name] then return end
  shapes[shape.name] = shape_data(context, shape)
  for _, member in ipairs(shape.members or {}) do add_shape(context, shapes, member.shape) end
end

local function paginator_data(paginator)
  if not paginator then return nil end
  local result = copy(paginator)
  result.operation = nil
  for key, value in pairs(result) do
    if type(value) == "table" then result[key] = json.array(copy(value)) end
  end
  return result
end

local function operation_data(context, operation)
  local catalog = context.catalog
  local result = copy(operation)
  result.input = operation.input and catalog:shape(operation.input).name
  result.output = operation.output and catalog:shape(operation.output).name
  result.errors = json.array {}
  for i, place in ipairs(operation.errors) do result.errors[i] = catalog:shape(place).name end
  result.paginator = paginator_data(operation.paginator)
  result.documentation = plain_text(context.docs:text("operation", operation.name))
  return result
end

local function waiters_of(catalog, operation)
  local list = json.array {}
  for _, waiter in ipairs(catalog:waiters()) do
    if not operation or waiter.operation == operation.name then list[#list + 1] = waiter end
  end
  return list
end

local function service_data(context)
  local result = copy(context.catalog.service)
  result.documentation = plain_text(context.docs:text "service")
  return result
end

--- The service with all it has.
---@param context table catalog, docs
function data.service(context)
  local catalog = context.catalog
  local operations, shapes = json.array {}, {}
  for i, operation in ipairs(catalog:operations()) do
    operations[i] = operation_data(context, operation)
  end
  for place in ipairs(catalog:shape_names()) do add_shape(context, shapes, place) end
  return {
    service = service_data(context), operations = operations, shapes = shapes,
    waiters = waiters_of(catalog),
  }
end

--- The operation with its waiters and all shapes that it uses.
---@param context table
---@param operation table
function data.operation(context, operation)
  local shapes = {}
  add_shape(context, shapes, operation.input)
  add_shape(context, shapes, operation.output)
  for _, place in ipairs(operation.errors) do add_shape(context, shapes, place) end
  return {
    service = service_data(context), operation = operation_data(context, operation),
    shapes = shapes, waiters = waiters_of(context.catalog, operation),
  }
end

--- The shape with all those within it.
---@param context table
---@param shape table
function data.shape(context, shape)
  local shapes = {}
  add_shape(context, shapes, context.catalog:shape_place(shape.name))
  return { service = service_data(context), shape = shape.name, shapes = shapes }
end

---@param context table
---@param waiter table
function data.waiter(context, waiter)
  return { service = service_data(context), waiter = waiter }
end

return data
