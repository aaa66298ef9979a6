-- luacheck: what the linter knows about awl's Lua.
std = "lua54"
max_line_length = 100
self = false -- methods may leave it unused
ignore = { "211/closing" } -- local closing <close> = ...
exclude_files = { "lua/awl/types" }

-- `awl test` gives tests these names.
files["tests/lua"] = {
  globals = { "describe", "it", "before_each", "after_each", "setup", "teardown", "pending" },
  read_globals = { assert = { other_fields = true } },
}
