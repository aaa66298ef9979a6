--- STS: who somebody is, and credentials for a while.
local fault = require "awl.emulator.fault"
local temporary_keys = require "awl.emulator.temporary_keys"

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
    return { Credentials = temporary_keys(emulator, input.DurationSeconds or 3600) }
  end

  function sts.AssumeRole(input)
    local account, role = input.RoleArn:match "^arn:aws[%w%-]*:iam::(%d+):role/(.+)$"
    if not account then
      fault("ValidationError", input.RoleArn .. " is invalid", 400)
    end
    local credentials = temporary_keys(emulator, input.DurationSeconds or 3600)
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
