--- Percent-encoding, as the emulator meets it.
local uri = {}

---@param text string
---@param plus_is_space boolean?
---@return string
function uri.decode(text, plus_is_space)
  if plus_is_space then text = text:gsub("%+", " ") end
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- A path or a key: its slashes stay.
---@param text string
---@return string
function uri.encode(text)
  return (text:gsub("[^%w%-%._~/]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- The pairs of a query string or a form, decoded; of equal names the first.
---@param text string
---@return table<string, string>
function uri.pairs(text)
  local found = {}
  for pair in text:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    name = uri.decode(name, true)
    found[name] = found[name] or uri.decode(value, true)
  end
  return found
end

return uri
