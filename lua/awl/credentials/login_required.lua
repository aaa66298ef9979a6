--- The error by which a person learns the command that lets them in again.
local errors = require "awl.core.error"

---@param what string why
---@param command string
return function(what, command)
  error(errors.new { kind = "config", code = "LoginRequired",
    message = ("%s; run `%s`"):format(what, command) }, 0)
end
