--- How shapes are called in words.
local types = {}

local WORDS = {
  byte = "integer", short = "integer", long = "integer", float = "number", double = "number",
  document = "any JSON", blob = "bytes",
}

local UNITS = {
  string = "character", blob = "byte", list = "item", map = "entry",
  byte = "", short = "", integer = "", long = "", float = "", double = "",
}

local MOST_ENUM_VALUES = 24
local LONGEST_PATTERN = 60

--- "list of Tag", "map of string to integer", "string".
---@param catalog awl.describe.Catalog
---@param shape table
---@return string
function types.name(catalog, shape, depth)
  depth = (depth or 0) + 1
  if depth > 4 then return shape.name end -- a list of itself
  if shape.type == "list" then
    return "list of " .. types.name(catalog, catalog:shape(shape.members[1].shape), depth)
  elseif shape.type == "map" then
    local key = types.name(catalog, catalog:shape(shape.members[1].shape), depth)
    local value = types.name(catalog, catalog:shape(shape.members[2].shape), depth)
    return ("map of %s to %s"):format(key, value)
  elseif shape.event_stream then
    return "event stream of " .. shape.name
  elseif shape.type == "structure" then
    return (shape.union and "union " or "") .. shape.name
  end
  return WORDS[shape.type] or shape.type
end

local function number(value)
  return math.type(value) == "integer" and tostring(value) or ("%.14g"):format(value)
end

local function unit_of(shape, count)
  local unit = UNITS[shape.type]
  if unit == "" then return "" end
  if count == 1 then return " " .. unit end
  return " " .. (unit == "entry" and "entries" or unit .. "s")
end

--- "1 to 170 characters", or nil. That there are 0 or more goes without saying.
---@param shape table
---@return string?
function types.limits(shape)
  local unit = UNITS[shape.type]
  if not unit then return nil end
  local least, most = shape.min, shape.max
  if unit ~= "" and least == 0 then least = nil end
  if least and least == most then return number(least) .. unit_of(shape, least) end
  if least and most then
    return ("%s to %s%s"):format(number(least), number(most), unit_of(shape, most))
  elseif least then
    return ("at least %s%s"):format(number(least), unit_of(shape, least))
  elseif most then
    return ("at most %s%s"):format(number(most), unit_of(shape, most))
  end
end

local function enum_text(shape)
  local values = shape.enum
  if #values <= MOST_ENUM_VALUES then return "one of " .. table.concat(values, ", ") end
  return ("one of %s, ... (all %d: shape %s)"):format(
    table.concat(values, ", ", 1, MOST_ENUM_VALUES), #values, shape.name)
end

local function add(list, text)
  if text then list[#list + 1] = text end
end

--- Adds to the list what is special about an error; `name` is said if its code is not
--- the shape's name.
---@param shape table
---@param name string
---@param list string[]
function types.add_error(shape, name, list)
  add(list, shape.http_status and ("status %d"):format(shape.http_status))
  add(list, shape.error_code and shape.error_code ~= shape.name and name)
  add(list, shape.throttling and "throttling" or shape.retryable and "retryable")
end

-- What is said of the values within lists and maps.
local function add_inner(catalog, shape, list)
  local inner = catalog:innermost(shape)
  if inner == shape or inner.type == "structure" then return end
  local limits = types.limits(inner)
  add(list, limits and "each " .. limits)
  add(list, inner.enum and "each " .. enum_text(inner))
end

--- All about the values of a shape that fits in a line or two.
---@param catalog awl.describe.Catalog
---@param shape table
---@return string[]
function types.details(catalog, shape)
  local list = {}
  add(list, types.limits(shape))
  if shape.pattern and #shape.pattern <= LONGEST_PATTERN then
    add(list, "pattern " .. shape.pattern)
  end
  add(list, shape.sensitive and "sensitive")
  add(list, shape.enum and enum_text(shape))
  add_inner(catalog, shape, list)
  return list
end

return types
