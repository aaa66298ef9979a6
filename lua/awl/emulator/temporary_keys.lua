--- Keys for a while, which the emulator knows from now on.
local core = require "awl.core.server"
local time = require "awl.time"

local function word(length)
  return (core.uuid() .. core.uuid()):gsub("%-", ""):sub(1, length)
end

---@param emulator awl.emulator.Emulator
---@param seconds integer how long they are good for
---@return { AccessKeyId: string, SecretAccessKey: string, SessionToken: string, Expiration: integer }
return function(emulator, seconds)
  local access_key = "ASIA" .. word(16):upper()
  local secret = word(40)
  emulator.keys[access_key] = secret
  return {
    AccessKeyId = access_key, SecretAccessKey = secret, SessionToken = word(64),
    Expiration = math.floor(time.now()) + seconds,
  }
end
