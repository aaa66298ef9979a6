--- t:emulator(options): an emulator in the test's own process, to be closed by it.
---
---     local local_aws <close> = t:emulator { verify = true }
---     local s3 = local_aws:client "s3"
local emulator = require "awl.emulator"
local session = require "awl.session"
local task = require "awl.core.task"

---@param options awl.emulator.Options?
return function(_, options)
  local made = emulator.new(options)
  task.spawn(made.serve, made)

  --- A client whose calls it answers. `more` may replace the credentials.
  function made.client(self, service, more)
    local settings = {
      endpoint_url = self:url(), region = "us-east-1", max_attempts = 1,
      credentials = { access_key_id = "local", secret_access_key = "local" },
    }
    for name, value in pairs(more or {}) do settings[name] = value end
    return session.client(service, settings)
  end
  return made
end
