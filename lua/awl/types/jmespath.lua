---@meta awl.jmespath

--- JMESPath (jmespath.org) over Lua values: identifiers, slices, projections, filters,
--- multi-selects, pipes and all built-in functions.
---
--- null is nil or awl.json.null. A table with an element 1 or made by awl.json.array is an
--- array, another one with any entry an object; an empty plain table is whichever of the
--- two is asked for, and type() calls it an object. keys(), values(), `*` and to_string()
--- go through members sorted by their names.
---
--- A wrong expression, or a function that gets what it does not take, raises an error of
--- kind "input" with the code "syntax", "invalid-type", "invalid-arity", "invalid-value"
--- or "unknown-function".
---@class awl.jmespath
local jmespath = {}

--- What the expression finds: nil for null. Within lists and objects that it makes, null is
--- awl.json.null. Tables of the value that are found whole are the value's own, no copies.
---@param expression string|awl.JmespathExpression
---@param value any
---@return any
function jmespath.search(expression, value) end

---@class awl.JmespathExpression
---@operator call(any): any
-- `expression(value)` searches; tostring(expression) is its text.

--- Compiles an expression, for those used often. (search keeps those used last as well.)
---@param expression string
---@return awl.JmespathExpression
function jmespath.compile(expression) end

return jmespath
