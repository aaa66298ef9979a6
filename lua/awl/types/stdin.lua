---@meta awl.stdin

--- The standard input. Reading it suspends only the task; one task reads at a time.
---@class awl.stdin
local stdin = {}

--- As a file's read.
---@param format awl.ReadFormat?
---@return string?
function stdin:read(format) end

--- for line in awl.stdin:lines() do ... end
---@param format awl.ReadFormat?
---@return fun(): string?
function stdin:lines(format) end

return stdin
