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

local function nearest(name)
  local distance = require "awl.core.text".distance
  local best, least = nil, 3
  for _, names in ipairs { MODULES, FIELDS } do
    for known in pairs(names) do
      local d = distance(known, name)
      if d < least or (d == least and best and known < best) then best, least = known, d end
    end
  end
  return best
end

local awl = {}

local function index(self, name)
  local value
  if MODULES[name] then
    value = require(MODULES[name])
  elseif FIELDS[name] then
    value = require(FIELDS[name])[name]
  elseif type(name) == "string" then
    local known = nearest(name)
    local hint = known and (", did you mean 'awl.%s'?"):format(known) or ""
    error(("there is no 'awl.%s'%s"):format(name, hint), 2)
  end
  rawset(self, name, value)
  return value
end

return setmetatable(awl, { __index = index })
