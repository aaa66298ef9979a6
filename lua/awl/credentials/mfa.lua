--- Asks on the terminal for the code of an MFA device.
---
--- A child process reads it, so that tasks go on meanwhile and standard input is left to
--- the script. One question at a time, whoever asks.
local errors = require "awl.core.error"
local process = require "awl.core.process"
local task = require "awl.core.task"

local turn = task.semaphore(1)

-- $1 is the question. The code is not shown; the terminal is set right again.
local SCRIPT = [[
(exec 3<>/dev/tty) 2>/dev/null || exit 3
exec 3<>/dev/tty
trap 'stty echo <&3; echo >&3' EXIT
trap 'exit 4' INT TERM HUP
stty -echo <&3
printf '%s' "$1" >&3
IFS= read -r code <&3 || exit 4
printf '%s' "$code"
]]

local function fail(serial, reason)
  error(errors.new { kind = "config", code = "MfaRequired",
    message = ("the code of the MFA device '%s' is needed, but %s"):format(serial, reason) }, 0)
end

local function ask(serial)
  local child <close> = process.start(
    { "sh", "-c", SCRIPT, "sh", ("Enter MFA code for %s: "):format(serial) },
    { stdin = "null", stdout = "pipe", stderr = "null", die_with_parent = true })
  local ok, code, status = pcall(function() return child:read "a", child:wait() end)
  if not ok then
    child:kill()
    error(code, 0)
  end
  if status == 3 then fail(serial, "there is no terminal to ask on") end
  if status ~= 0 or code == "" then fail(serial, "none was given") end
  return code
end

---@param serial string
---@return string code
return function(serial)
  local held <close> = turn:acquire() -- luacheck: ignore
  return ask(serial)
end
