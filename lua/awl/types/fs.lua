---@meta awl.fs

-- Files. Everything here suspends only the task that calls it, and raises on failure an
-- error whose code is the system's: "ENOENT", "EACCES", ...

---@class awl.fs
local fs = {}

---@alias awl.ReadFormat "l"|"L"|"a"|integer

--- An open file. It may be given as a streaming body to a call. Reads are buffered,
--- writes are not. Closed by close, at the end of its block (`local f <close> = ...`), or
--- when it is collected.
---@class awl.File
local File = {}

--- A line without its end ("l", the default), with it ("L"), all that is left ("a"), or
--- at most so many bytes. nil at the end; "a" then gives "".
---@param format awl.ReadFormat?
---@return string?
function File:read(format) end

--- for line in file:lines() do ... end
---@param format awl.ReadFormat?
---@return fun(): string?
function File:lines(format) end

---@param ... string|number
---@return awl.File
function File:write(...) end

--- Where the next byte is read or written, after moving it. Never waits.
---@param whence ("set"|"cur"|"end")?
---@param offset integer?
---@return integer
function File:seek(whence, offset) end

--- Bytes in the file. Never waits.
---@return integer
function File:size() end

--- Waits until what was written is on the disk.
---@return awl.File
function File:sync() end

function File:close() end

--- Modes as io.open has them, and "wx": fails if the file is there. `permissions` of a
--- new file, 0666 (438) less the umask by default.
---@param path string
---@param mode string?
---@param permissions integer?
---@return awl.File
function fs.open(path, mode, permissions) end

---@param path string
---@return string
function fs.read_file(path) end

--- With atomic, whoever reads sees the old text or the new one whole.
---@param path string
---@param data string
---@param options { atomic: boolean?, mode: integer? }?
function fs.write_file(path, data, options) end

---@param path string
---@return boolean
function fs.exists(path) end

---@class awl.FileStat
---@field type "file"|"directory"|"other"
---@field size integer
---@field modified number seconds since 1970
---@field mode integer permission bits

---@param path string
---@return awl.FileStat
function fs.stat(path) end

--- The names in a directory, sorted.
---@param path string
---@return string[]
function fs.list(path) end

--- With parents, also what is missing above it, and one that is there is fine.
---@param path string
---@param options { parents: boolean? }?
function fs.mkdir(path, options) end

--- A file or an empty directory.
---@param path string
function fs.remove(path) end

---@param from string
---@param to string
function fs.rename(from, to) end

return fs
