---@meta awl.base64

---@class awl.base64
local base64 = {}

--- The standard alphabet with padding, in one line.
---@param bytes string
---@return string
function base64.encode(bytes) end

--- Padding may be missing; anything else that is not base64, white space included,
--- raises InvalidBase64.
---@param text string
---@return string
function base64.decode(text) end

--- The alphabet for URLs (- and _), without padding.
---@param bytes string
---@return string
function base64.encode_url(bytes) end

---@param text string
---@return string
function base64.decode_url(text) end

return base64
