--- A warning about files with secrets in them that every user of the machine can read.
local core = require "awl.core.fs"
local log = require "awl.log"

local private_file = {}

local told = {}

--- Warns, once a file.
---@param path string
function private_file.check(path)
  if told[path] or not core.others_may_read(path) then return end
  told[path] = true
  log.warn("a file with secrets can be read by others; chmod 600 makes it private",
    { file = path })
end

--- The files that were warned of, sorted.
---@return string[]
function private_file.list()
  local list = {}
  for path in pairs(told) do list[#list + 1] = path end
  table.sort(list)
  return list
end

return private_file
