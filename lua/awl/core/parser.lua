--- A parser of command lines as awl's commands and scripts have it: argparse, but what
--- is wrong with a command line is told in one line, and ends with exit code 252.
local argparse = require "argparse"

local USAGE = 252

local function usage_error(parser, message)
  io.stderr:write(("%s: %s\n%s\n"):format(parser:_get_fullname(), message, parser:get_usage()))
  os.exit(USAGE)
end

---@param name string
---@param description string
return function(name, description)
  local parser = argparse(name, description)
  parser.error = usage_error
  return parser
end
