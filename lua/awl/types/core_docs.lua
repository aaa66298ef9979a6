---@meta awl.core.docs

--- The documentation strings of the service models, for awl's own modules.
---@class awl.core.docs_module
local module = {}

--- nil if there is no such file; raises for a damaged one.
---@param path string? default: the pack that `awl models update` writes
---@return awl.core.Docs?
function module.open(path) end

---@class awl.core.Docs
local Docs = {}

--- AWS's text, in HTML; nil if there is none.
---@param service string
---@param kind "service"|"operation"|"shape"|"member"
---@param name string? of the operation, the shape, the structure
---@param member string?
---@return string?
function Docs:text(service, kind, name, member) end

return module
