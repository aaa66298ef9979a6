-- luacheck: what the linter knows about awl's Lua.
std = "lua54"
max_line_length = 120
self = false -- methods may leave it unused
ignore = {
  "211/closing", -- local closing <close> = ...
  "512", -- a loop that is left in its first round: the first of an iterator
  "542", -- an empty branch with its reason as a comment
}
exclude_files = { "lua/awl/types" }

-- `awl test` gives tests these names.
files["tests/lua"] = {
  globals = { "describe", "it", "before_each", "after_each", "setup", "teardown", "pending" },
  read_globals = { "stub", assert = { other_fields = true } },
}
