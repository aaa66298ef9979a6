--- STS: who somebody is, and credentials for a while.
local core = require "awl.core.server"
local fault = require "awl.emulator.fault"
local time = require "awl.time"

--- A new key pair that --verify knows from now on.
local function temporary_credentials(emulator, duration)
  local function word(length)
    return (core.uuid() .. core.uuid()):gsub("%-", ""):sub(1, length)
  end
  local access_key = "ASIA" .. word(16):upper()
  local secret = word(40)
  emulator.keys[access_key] = secret
  return {
    AccessKeyId = access_key, SecretAccessKey = secret, SessionToken = word(64),
    Expiration = math.floor(time.now()) + (duration or 3600),
  }
end

---@param emulator awl.emulator.Emulator
return function(emulator)
  local sts = {}

  function sts.GetCallerIdentity()
    return {
      UserId = "AIDALOCALLOCALLOCAL00", Account = emulator.account,
      Arn = ("arn:aws:iam::%s:user/local"):format(emulator.account),
    }
  end

  function sts.GetSessionToken(input)
    return { Credentials = temporary_credentials(emulator, input.DurationSeconds) }
  end

  function sts.AssumeRole(input)
    local account, role = input.RoleArn:match "^arn:aws[%w%-]*:iam::(%d+):role/(.+)$"
    if not account then
      fault("ValidationError", input.RoleArn .. " is invalid", 400)
    end
    local credentials = temporary_credentials(emulator, input.DurationSeconds)
    return {
      Credentials = credentials,
      AssumedRoleUser = {
        AssumedRoleId = "AROALOCALLOCALLOCAL00:" .. input.RoleSessionName,
        Arn = ("arn:aws:sts::%s:assumed-role/%s/%s")
          :format(account, role:match "[^/]+$", input.RoleSessionName),
      },
    }
  end

  return sts
end
