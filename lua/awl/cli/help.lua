--- `awl help [COMMAND]`.
local COMMANDS = {
  { "run SCRIPT [ARGS]", "run a script; `run` may be left out" },
  { "describe [SERVICE [NAME]]", "what a service, operation or shape is" },
  { "doctor", "what calls would depend on, and what is wrong with it" },
  { "help [COMMAND]", "this text, or that of a command" },
  { "local", "run the emulator of some AWS services, for tests and demos" },
  { "models COMMAND", "list the services there are; build, update, reset their models" },
  { "repl", "read, run and print line by line" },
  { "test [PATH]...", "run tests written in Lua" },
}

local HEAD = [[
Usage: awl [OPTIONS] SCRIPT [ARGS]    run a Lua script against AWS
       awl [OPTIONS] -e CODE [ARGS]   run CODE; `awl` is there as a global
       awl [OPTIONS] - [ARGS]         run the script on the standard input
       awl [OPTIONS] COMMAND ...

A word that is a command's name is the command; `awl run NAME` or `awl ./NAME` runs a
script of that name.
]]

local TAIL = [[
AWL_OPTIONS holds options too; those of the command line win. AWL_LOG is as --log.

Exit codes of a script: 0, its own os.exit(n), 2 an uncaught error, 3 refused by a guard.
Of awl itself: 252 usage or no such script, 253 configuration or credentials, 254 the
service said no, 255 anything else. When interrupted, awl ends by the signal.

The interpreter has no line editing yet; `rlwrap awl repl` adds it.]]

local function print_pairs(title, list)
  print(title)
  for _, pair in ipairs(list) do print(("  %-28s %s"):format(pair[1], pair[2])) end
  print()
end

local function overview()
  print(HEAD)
  print_pairs("Commands:", COMMANDS)
  local options = {}
  for _, option in ipairs(require "awl.core.options".list()) do
    local metavar = option.metavar and " " .. option.metavar or ""
    table.insert(options, { option.name .. metavar, option.help })
  end
  table.insert(options, { "--version, --help", "what this is; this text" })
  print_pairs("Options:", options)
  print(TAIL)
end

return function(args)
  local name = args[1]
  if not name or name == "help" or name == "run" then return overview() end
  for _, command in ipairs(COMMANDS) do
    if command[1]:match("^%l+") == name then
      if name == "repl" then
        return print(("awl %s: %s"):format(command[1], command[2]))
      end
      return require("awl.cli." .. name) { "--help" }
    end
  end
  io.stderr:write(("awl help: there is no command '%s'\n"):format(name))
  return 252
end
