--- JSON files below ~/.aws in which the AWS CLI and the SDKs keep what they were given.
---
--- A file is replaced whole and belongs to its user alone. What cannot be read is as good
--- as not there; what cannot be written is only told, for the credentials are good anyway.
local config = require "awl.config"
local fs = require "awl.fs"
local json = require "awl.json"
local lock = require "awl.core.lock"
local log = require "awl.log"
local private_file = require "awl.private_file"
local task = require "awl.core.task"

local cache = {}

-- Somebody who holds a lock longer than this has been stopped in the middle.
local LOCK_SECONDS, LOCK_PAUSE = 30, 0.05

--- The path of a file in a folder below ~/.aws; nil without a home.
---@param folder string such as "sso/cache"
---@param name string
---@return string?
function cache.path(folder, name)
  local home = config.home()
  return home and ("%s/.aws/%s/%s.json"):format(home, folder, name) or nil
end

--- What the file holds; nil if it is missing or no JSON object.
---@param path string?
---@return table?
function cache.read(path)
  if not path then return nil end
  local ok, text = pcall(fs.read_file, path)
  if not ok then return nil end
  private_file.check(path)
  local parsed, value = pcall(json.decode, text)
  return parsed and type(value) == "table" and value or nil
end

local function make_folder(path)
  local folder = path:match "^(.*)/"
  if folder and not fs.exists(folder) then fs.mkdir(folder, { parents = true }) end
end

local function write(path, value)
  make_folder(path)
  fs.write_file(path, json.encode(value), { atomic = true, mode = 384 }) -- 0600
end

---@param path string?
---@param value table
---@return boolean written
function cache.write(path, value)
  if not path then return false end
  local ok, err = pcall(write, path, value)
  if not ok then log.warn("cannot write " .. path, { error = tostring(err) }) end
  return ok
end

-- nil if there can be no lock, or nobody gives it up.
local function acquire(path)
  local waited = 0
  while waited < LOCK_SECONDS do
    local ok, taken = pcall(lock.try, path)
    if not ok then return nil end
    if taken then return taken end
    task.sleep(LOCK_PAUSE)
    waited = waited + LOCK_PAUSE
  end
  log.warn("another program does not give up its lock", { file = path })
  return nil
end

--- Runs fn while no other awl, and no other task of this one, does so for the same file.
--- Returns its results.
---@param path string?
---@param fn function
function cache.locked(path, fn, ...)
  if not path or not pcall(make_folder, path) then return fn(...) end
  local held <close> = acquire(path .. ".lock") -- luacheck: ignore
  return fn(...)
end

return cache
