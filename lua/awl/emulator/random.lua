--- Random numbers that repeat: the same for the same seed and text.
local checksum = require "awl.core.server".checksum

--- A function like math.random: () a float in [0, 1), (n) 1 to n, (m, n) m to n.
---@param seed integer
---@param text string
---@return fun(m: integer?, n: integer?): number
local function random(seed, text)
  local state = string.unpack("<i8", checksum("sha256", string.pack("<i8", seed) .. text))

  -- splitmix64; integers wrap around as it wants them to.
  local function next_float()
    state = state + 0x9E3779B97F4A7C15
    local z = (state ~ (state >> 30)) * 0xBF58476D1CE4E5B9
    z = (z ~ (z >> 27)) * 0x94D049BB133111EB
    z = z ~ (z >> 31)
    return (z >> 11) * 2.0 ^ -53
  end

  return function(m, n)
    if not m then return next_float() end
    if not n then m, n = 1, m end
    if n < m then error("the interval is empty", 2) end
    return m + math.floor(next_float() * (n - m + 1))
  end
end

return random
