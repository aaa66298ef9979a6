--- AWS's documentation strings of one service; there are some only after
--- `awl models update`.
local core = require "awl.core.docs"

---@class awl.describe.Docs
---@field private pack awl.core.Docs?
---@field private service string
local Docs = {}
Docs.__index = Docs

--- Is there any documentation?
function Docs:exists() return self.pack ~= nil end

---@param kind "service"|"operation"|"shape"|"member"
---@param name string?
---@param member string?
---@return string? html
function Docs:text(kind, name, member)
  return self.pack and self.pack:text(self.service, kind, name, member)
end

--- What is said of a member, else of its shape.
---@param structure table
---@param member table
---@param shape table
function Docs:of_member(structure, member, shape)
  return self:text("member", structure.name, member.name) or self:text("shape", shape.name)
end

---@param service string
---@return awl.describe.Docs
return function(service)
  return setmetatable({ pack = core.open(), service = service }, Docs)
end
