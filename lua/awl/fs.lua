--- Files that suspend only the task that waits for them; awl/types/fs.lua is the manual.
local core = require "awl.core.fs"

local fs = {
  open = core.open,
  stat = core.stat,
  list = core.list,
  rename = core.rename,
}

local function is_code(err, ...)
  if type(err) ~= "table" then return false end
  for _, code in ipairs { ... } do
    if err.code == code then return true end
  end
  return false
end

--- What the file holds.
---@param path string
---@return string
function fs.read_file(path)
  local file <close> = core.open(path)
  return file:read("a")
end

-- A name that no other run uses: a file left over by one that was killed is in nobody's
-- way.
local function open_beside(path, mode)
  for _ = 1, 100 do
    local name = ("%s.%08x.tmp"):format(path, math.random(0, 0xffffffff))
    local ok, file = pcall(core.open, name, "wx", mode)
    if ok then return file, name end
    if not is_code(file, "EEXIST") then error(file, 0) end
  end
  error("no free name beside " .. path, 0)
end

local function write_atomically(path, data, mode)
  local file, name = open_beside(path, mode)
  local ok, err = pcall(function()
    local closing <close> = file
    file:write(data)
    file:sync()
  end)
  if ok then ok, err = pcall(core.rename, name, path) end
  if ok then return end
  -- the error that counts is the first one
  require("awl.core.task").shield(5, function() pcall(core.unlink, name) end)
  error(err, 0)
end

--- Writes a whole file. With atomic, a reader sees the old or the new text, never a
--- half, and what is there stays if this fails.
---@param path string
---@param data string
---@param options? { atomic: boolean?, mode: integer? }
function fs.write_file(path, data, options)
  options = options or {}
  if options.atomic then return write_atomically(path, data, options.mode) end
  local file <close> = core.open(path, "w", options.mode)
  file:write(data)
end

--- True if there is something of that name (a directory counts).
---@param path string
---@return boolean
function fs.exists(path)
  local ok, err = pcall(core.stat, path)
  if ok then return true end
  if is_code(err, "ENOENT", "ENOTDIR") then return false end
  error(err, 0)
end

local function is_directory(path)
  local ok, stat = pcall(core.stat, path)
  return ok and stat.type == "directory"
end

--- Makes a directory; with parents, also those above it that are missing, and one that
--- is there is fine.
---@param path string
---@param options? { parents: boolean? }
function fs.mkdir(path, options)
  if not (options and options.parents) then return core.mkdir(path) end
  local ok, err = pcall(core.mkdir, path)
  if ok or (is_code(err, "EEXIST") and is_directory(path)) then return end
  local parent = path:match("^(.*[^/])/+[^/]+/*$")
  if not is_code(err, "ENOENT") or not parent then error(err, 0) end
  fs.mkdir(parent, options)
  return fs.mkdir(path, options)
end

--- Removes a file or an empty directory.
---@param path string
function fs.remove(path)
  local ok, err = pcall(core.unlink, path)
  if ok then return end
  if is_code(err, "EISDIR", "EPERM") and is_directory(path) then return core.rmdir(path) end
  error(err, 0)
end

return fs
