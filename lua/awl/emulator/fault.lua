--- What an emulated service says no with.

---@class awl.emulator.Fault
---@field code string as AWS spells it
---@field message string
---@field status integer? of HTTP; else the model's for the code, or 400
---@field members table? modelled members of the error
---@field headers table<string, string>?
local Fault = {}
Fault.__index = Fault

function Fault:__tostring() return self.code .. ": " .. self.message end

--- Raises.
---@param code string
---@param message string
---@param status integer?
---@param extra { members: table?, headers: table? }?
local function raise(_, code, message, status, extra)
  local fault = { code = code, message = message, status = status }
  if extra then fault.members, fault.headers = extra.members, extra.headers end
  error(setmetatable(fault, Fault), 0)
end

return setmetatable({
  ---@return boolean
  is = function(value) return getmetatable(value) == Fault end,
}, { __call = raise })
