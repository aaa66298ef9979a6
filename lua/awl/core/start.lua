-- The main task of a script under `awl --local`: the emulator first.
local main = ...
require("awl.local_server").start()
return main(select(2, ...))
