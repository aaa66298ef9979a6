-- What the cases of test_lib_task.c share. `list` has them by name; each runs as the main
-- task of a state of its own.
local cases = { list = {} }

function cases.case(name, fn)
  if cases.list[name] then error("there are two cases: " .. name, 2) end
  cases.list[name] = fn
end

function cases.eq(actual, expected)
  if actual ~= expected then
    error(("got %s, expected %s"):format(tostring(actual), tostring(expected)), 2)
  end
end

-- Calls the function, which must raise an error whose text has the pattern, and returns that.
function cases.raises(pattern, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then error("nothing was raised", 2) end
  if not tostring(err):find(pattern) then error("raised: " .. tostring(err), 2) end
  return err
end

-- The same for an error value with this code.
function cases.raises_code(code, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then error("nothing was raised", 2) end
  if type(err) ~= "table" or err.code ~= code then error("raised: " .. tostring(err), 2) end
  return err
end

-- A value for a <close> variable.
function cases.closing(fn) return setmetatable({}, { __close = fn }) end

return cases
