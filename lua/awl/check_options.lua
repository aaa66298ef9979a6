--- Tables of options: a name that there is not is an error that tells the nearest one, and
--- so is a value of another type.
---@param options table its sequence, if any, is not looked at
---@param known table<string, string> types: "string", "boolean or number", "any"
---@param what string whose options they are
---@param level integer? of the error, as for `error`, seen from the caller; default 2
return function(options, known, what, level)
  level = (level or 2) + 1
  for name, value in pairs(options) do
    local wanted = known[name]
    if wanted == nil and math.type(name) ~= "integer" then
      name = tostring(name)
      error(("%s has no option '%s'%s"):format(what, name,
        require "awl.did_you_mean"(name, known)), level)
    end
    if wanted and wanted ~= "any" and not wanted:find(type(value), 1, true) then
      error(("%s: %s must be a %s, got %s"):format(what, name, wanted, type(value)), level)
    end
  end
end
