--- Errors that a script expects.
local errors = require "awl.core.error"

local function matches(err, codes)
  return errors.is(err) and err:is(table.unpack(codes)) and not errors.is_canceled(err)
end

local function finish(codes, ok, ...)
  if ok then return ... end
  local err = ...
  if matches(err, codes) then return nil, err end
  error(err, 0)
end

--- Calls fn(...) and returns what it returns; nil and the error if that has one of the
--- codes ("NoSuchKey", "Throttling*"). Every other error is raised, and so is Canceled.
---@param codes string|string[]
---@param fn function
---@return any ...
local function try(codes, fn, ...)
  if type(codes) == "string" then codes = { codes } end
  if type(codes) ~= "table" then
    error(("bad argument #1 to 'try' (codes expected, got %s)"):format(type(codes)), 2)
  end
  local meta = getmetatable(fn)
  if type(fn) ~= "function" and not (type(meta) == "table" and meta.__call) then
    error(("bad argument #2 to 'try' (function expected, got %s)"):format(type(fn)), 2)
  end
  local function on_error(err)
    if matches(err, codes) then return err end
    return errors.on_error(err)
  end
  return finish(codes, xpcall(fn, on_error, ...))
end

return try
