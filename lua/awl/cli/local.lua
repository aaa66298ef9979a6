--- awl local: the embedded emulator.
local emulator = require "awl.emulator"
local new_parser = require "awl.core.parser"
local signals = require "awl.core.signals"
local task = require "awl.core.task"

local function parse(args)
  local parser = new_parser("awl local", "Runs AWS on this machine: a server on 127.0.0.1 "
    .. "that knows sts, lambda and s3. Lambda functions are Lua files; objects live in "
    .. "memory, and there is a bucket, audit-me, to begin with.")
  parser:option("--port", "listen there", "4566"):argname "N":convert(math.tointeger)
  parser:flag("--verify", "refuse requests that the key local/local has not signed")
  parser:option("--seed", "random numbers start here", "0"):argname "N":convert(math.tointeger)
  parser:option("--speed", "handlers sleep N times shorter", "1"):argname "N"
    :convert(tonumber)
  parser:option("--function", "a handler: a Lua file that returns function(event, context)")
    :argname "NAME=FILE":count "*":target "named"
  parser:option("--functions", "where NAME.lua is looked for", "functions"):argname "DIR"
  parser:flag("--quiet", "print nothing but the URL")
  return parser, parser:parse(args)
end

local function named_functions(parser, list)
  local functions = {}
  for _, entry in ipairs(list) do
    local name, file = entry:match "^([^=]+)=(.+)$"
    if not name then parser:error(("--function takes NAME=FILE, not '%s'"):format(entry)) end
    functions[name] = file
  end
  return functions
end

local HINT = [[
The emulator is up; it ends with Ctrl-C. To use it from a shell, with any AWS client:

    export AWS_ENDPOINT_URL=%s AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
    aws s3 ls s3://audit-me/
]]

---@param args string[]
return function(args)
  local parser, options = parse(args)
  if options.port < 0 or options.port > 65535 then
    parser:error(("--port must be 0 to 65535, not %d"):format(options.port))
  end
  if options.speed <= 0 then parser:error "--speed must be above 0" end
  local server = emulator.new {
    port = options.port,
    verify = options.verify,
    seed = options.seed,
    speed = options.speed,
    functions = named_functions(parser, options.named),
    functions_dir = options.functions,
  }
  print(server:url())
  io.stdout:flush()
  if not options.quiet then io.stderr:write(HINT:format(server:url())) end
  task.spawn(server.serve, server)
  signals.wait()
  os.exit(0) -- cancels the handlers under way
end
