--- "; did you mean 'a' or 'b'?", or "": the keys of the tables that are like a name which
--- none of them has.
---@param name string
---@param ... table<string, any>
---@return string
return function(name, ...)
  local names = {}
  for _, known in ipairs { ... } do
    for key in pairs(known) do
      if type(key) == "string" then names[#names + 1] = key end
    end
  end
  table.sort(names)
  return require "awl.core.text".did_you_mean(name, names)
end
