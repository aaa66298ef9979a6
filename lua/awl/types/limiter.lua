---@meta awl.limiter

-- So many a second: local limiter = awl.limiter(10, 20). Any number of tasks may wait;
-- they are served in the order in which they came, at the exact rate.

---@class awl.Limiter
local Limiter = {}

--- Waits until there are so many tokens (a fraction is fine, more than the burst is not),
--- and takes them. A wait that is canceled takes none.
---@param count number? default 1
function Limiter:acquire(count) end

--- Takes them only if they are there and nobody waits for some.
---@param count number? default 1
---@return boolean taken
function Limiter:try_acquire(count) end

--- A function that takes a token and then calls fn: awl.map(items, limiter:wrap(fn)).
---@generic F: function
---@param fn F
---@return F
function Limiter:wrap(fn) end

return Limiter
