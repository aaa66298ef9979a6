---@meta awl.core.lock

--- Locks between programs, for awl's own modules.
---@class awl.core.lock
local lock = {}

---@class awl.Lock
local Lock = {}

--- Also done at the end of its block, when it is collected, and by the program's end.
function Lock:close() end

--- nil while somebody else has it, this program included. The file is made and stays.
--- Raises if there can be no file.
---@param path string
---@return awl.Lock?
function lock.try(path) end

return lock
