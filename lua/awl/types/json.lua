---@meta awl.json

---@class awl.json
---@field null lightuserdata JSON's null; absent is nil
local json = {}

---@class awl.json.Options
---@field pretty boolean? a line a member, indented; default false
---@field sort_keys boolean? members sorted by their bytes, so that equal values are equal texts; default true

--- A table with an element 1, or marked by json.array, is an array; any other is an
--- object, `{}` too. Integers are written exactly, floats so that they read back as the
--- same float. Raises InvalidJson with the path of the culprit: sequences with holes or
--- with other keys beside, keys that are no strings, strings that are not UTF-8, NaN,
--- more than 256 levels.
---@param value any
---@param options awl.json.Options?
---@return string
function json.encode(value, options) end

--- Whole numbers that fit 64 bits become integers, all others floats; null becomes
--- json.null; an empty array is marked as one. Of two members with one name the later
--- counts. Raises InvalidJson with the byte where the text is wrong.
---@param text string
---@return any
function json.decode(text) end

--- Marks the table (a new one if none is given) as an array, and returns it.
---@param table table?
---@return table
function json.array(table) end

--- Whether the value is a table so marked.
---@param value any
---@return boolean
function json.is_array(value) end

return json
