---@meta awl.core.crypto

--- Digests and signatures, for awl's own modules.
---@class awl.core.crypto
local crypto = {}

--- In lower-case hex.
---@param text string
---@return string
function crypto.sha1(text) end

---@param text string
---@return string
function crypto.sha256(text) end

--- A random one, version 4.
---@return string
function crypto.uuid() end

--- The public point of a private key on P-256, 32 bytes each. Raises for another key.
---@param pem string
---@return string x, string y
function crypto.es256_point(pem) end

--- The signature of a text: r and s, 64 bytes.
---@param pem string
---@param text string
---@return string
function crypto.es256_sign(pem, text) end

return crypto
