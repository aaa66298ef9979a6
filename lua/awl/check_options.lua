--- Tables of options: a name that there is not is an error that tells the nearest one.
local distance = require "awl.core.text".distance

---@param options table its sequence, if any, is not looked at
---@param known table<string, any>
---@param what string whose options they are
---@param level integer? of the error, as for `error`, seen from the caller; default 2
return function(options, known, what, level)
  for name in pairs(options) do
    if math.type(name) ~= "integer" and known[name] == nil then
      local best, least = nil, 3
      for one in pairs(known) do
        local d = distance(one, tostring(name))
        if d < least or (d == least and best and one < best) then best, least = one, d end
      end
      local hint = best and (", did you mean '%s'?"):format(best) or ""
      error(("%s has no option '%s'%s"):format(what, tostring(name), hint), (level or 2) + 1)
    end
  end
end
