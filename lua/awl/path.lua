--- The few forms of JMESPath that paginators are written in: a field, a dotted
--- path, an index such as [-1], and alternatives with ||.

local function parse_step(steps, piece)
  local name, rest = piece:match "^([%w_%-]*)(.*)$"
  if name ~= "" then steps[#steps + 1] = name end
  for index in rest:gmatch "%[(%-?%d+)%]" do
    steps[#steps + 1] = math.tointeger(tonumber(index))
  end
end

local function parse(expression)
  local alternatives = {}
  for alternative in (expression .. "||"):gmatch "%s*(.-)%s*||" do
    local steps = {}
    for piece in alternative:gmatch "[^%.]+" do parse_step(steps, piece) end
    alternatives[#alternatives + 1] = steps
  end
  return alternatives
end

local function follow(value, steps)
  for _, step in ipairs(steps) do
    if type(value) ~= "table" then return nil end
    if type(step) == "string" then
      value = value[step]
    else
      value = value[step < 0 and #value + 1 + step or step + 1]
    end
  end
  return value
end

local function truthy(value)
  return value ~= nil and value ~= false and value ~= "" and
    not (type(value) == "table" and next(value) == nil)
end

local path = {}
local parsed = {}

--- The value at an expression, nil if there is none.
---@param value any
---@param expression string
function path.get(value, expression)
  local alternatives = parsed[expression]
  if not alternatives then
    alternatives = parse(expression)
    parsed[expression] = alternatives
  end
  local found
  for _, steps in ipairs(alternatives) do
    found = follow(value, steps)
    if truthy(found) then return found end
  end
  return found
end

path.truthy = truthy

return path
