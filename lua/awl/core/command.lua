-- The main task of `awl COMMAND ...`: a command is a module awl.cli.<name> that returns
-- function(args), whose result, if it is an integer, is the exit code.
local name, args = ...
local settings = require "awl.core.settings"
if settings["local"] and name ~= "local" then require("awl.local_server").start() end
return require("awl.cli." .. name)(args)
