--- awl, as scripts see it. Each part loads when it is first used; awl/types/awl.lua is
--- the manual.

-- The module that a name of `awl` is, or belongs to.
local MODULES = {
  args = "awl.args",
  base64 = "awl.base64",
  emit = "awl.emit",
  fs = "awl.fs",
  gather = "awl.gather",
  http = "awl.http",
  jmespath = "awl.jmespath",
  json = "awl.json",
  limiter = "awl.limiter",
  log = "awl.log",
  map = "awl.map",
  process = "awl.process",
  scope = "awl.scope",
  stdin = "awl.stdin",
  time = "awl.time",
  try = "awl.try",
}

-- Names that are fields of a module.
local FIELDS = {
  channel = "awl.core.task",
  client = "awl.session",
  context = "awl.core.task",
  semaphore = "awl.core.task",
  session = "awl.session",
  shield = "awl.core.task",
  sleep = "awl.core.task",
  spawn = "awl.core.task",
  timeout = "awl.core.task",
  with_context = "awl.core.task",
}

--- Raises, for who indexes the table `path` with a name that none of the others has.
local function no_such_name(path, name, ...)
  error(("there is no '%s.%s'%s"):format(path, name, require "awl.did_you_mean"(name, ...)), 3)
end

--- A module without ways of its own names what was meant, too.
local function guarded(module, path)
  if type(module) ~= "table" or getmetatable(module) then return module end
  return setmetatable(module, { __index = function(self, name)
    if type(name) == "string" then no_such_name(path, name, self) end
  end })
end

local awl = {}

local function index(self, name)
  local value
  if MODULES[name] then
    value = guarded(require(MODULES[name]), "awl." .. name)
  elseif FIELDS[name] then
    value = require(FIELDS[name])[name]
  elseif type(name) == "string" then
    no_such_name("awl", name, MODULES, FIELDS)
  end
  rawset(self, name, value)
  return value
end

return setmetatable(awl, { __index = index })
