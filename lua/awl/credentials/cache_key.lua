--- Names of the AWS CLI's cache files: the SHA-1 of a call's arguments as Python's
--- json.dumps(arguments, sort_keys=True) writes them, so that both find each other's.
local crypto = require "awl.core.crypto"
local json = require "awl.json"

local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
  ["\b"] = "\\b", ["\f"] = "\\f",
}

local function escape(code)
  if code < 0x10000 then return ("\\u%04x"):format(code) end
  code = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff))
end

local function quote(text)
  text = text:gsub('[%c"\\]', function(char) return ESCAPES[char] or escape(char:byte()) end)
  return '"' .. text:gsub(utf8.charpattern, function(char)
    return #char > 1 and escape(utf8.codepoint(char)) or nil
  end) .. '"'
end

local dump

local function dump_list(list)
  local items = {}
  for i, item in ipairs(list) do items[i] = dump(item) end
  return "[" .. table.concat(items, ", ") .. "]"
end

local function dump_map(map)
  local names, items = {}, {}
  for name in pairs(map) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do items[i] = quote(name) .. ": " .. dump(map[name]) end
  return "{" .. table.concat(items, ", ") .. "}"
end

function dump(value)
  if type(value) == "string" then return quote(value) end
  if type(value) ~= "table" then return json.encode(value) end
  return (json.is_array(value) or #value > 0) and dump_list(value) or dump_map(value)
end

---@param arguments table of AssumeRole or AssumeRoleWithWebIdentity
---@return string
return function(arguments)
  local copy = {}
  for name, value in pairs(arguments) do copy[name] = value end
  if copy.Policy then copy.Policy = json.decode(copy.Policy) end
  return crypto.sha1(dump(copy))
end
