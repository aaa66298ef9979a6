--- Values as Lua would write them, for people: what the REPL answers, errors that are
--- tables.
local json = require "awl.json"

local WIDTH = 78
local DEPTH_MAX = 20

--- Not an object that says what it is, or that is called rather than looked into.
local function is_data(value)
  if type(value) ~= "table" then return false end
  local meta = getmetatable(value)
  return meta == nil or type(meta) == "table" and not (meta.__tostring or meta.__call)
end

local function scalar(value)
  if type(value) == "string" then return (("%q"):format(value):gsub("\\\n", "\\n")) end
  return value == json.null and "json.null" or tostring(value)
end

local function key_text(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return key end
  return "[" .. scalar(key) .. "]"
end

--- The keys beside the sequence, numbers first.
local function other_keys(value)
  local keys = {}
  for key in next, value do
    if not (math.type(key) == "integer" and key >= 1 and key <= rawlen(value)) then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, function(a, b)
    if type(a) ~= type(b) then return type(a) < type(b) end
    if type(a) == "number" or type(a) == "string" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

--- `seen` are the tables around this one.
local function show(value, depth, seen)
  if not is_data(value) then return scalar(value) end
  if seen[value] or depth > DEPTH_MAX then return "{ ... }" end
  seen[value] = true
  local parts = {}
  for i = 1, rawlen(value) do parts[i] = show(rawget(value, i), depth + 1, seen) end
  for _, key in ipairs(other_keys(value)) do
    parts[#parts + 1] = key_text(key) .. " = " .. show(rawget(value, key), depth + 1, seen)
  end
  seen[value] = nil
  if #parts == 0 then return "{}" end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line + 2 * depth <= WIDTH and not line:find "\n" then return line end
  local margin = "\n" .. ("  "):rep(depth)
  return "{" .. margin .. "  " .. table.concat(parts, "," .. margin .. "  ") .. margin .. "}"
end

---@param value any
---@return string
return function(value)
  return show(value, 0, {})
end
