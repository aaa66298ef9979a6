--- `awl models list`: the services of the embedded models, one a line.
local new_parser = require "awl.core.parser"

return function(words)
  local parser = new_parser("awl models", "Tells which services there are.")
  parser:require_command(true)
  parser:command_target "command"
  parser:command("list", "the services, one a line: the name scripts use, and AWS's")
  parser:parse(words)
  for _, name in ipairs(require "awl.core.client".services()) do print(name) end
  return 0
end
