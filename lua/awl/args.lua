--- awl.args(name, description): the parser of a script's command line, an argparse
--- parser that also takes awl's own options and applies them.
local errors = require "awl.core.error"
local options = require "awl.core.options"
local new_parser = require "awl.core.parser"
local settings = require "awl.core.settings"

-- Shown by --help; the others are accepted as well, and listed by `awl help`.
local SHOWN = {
  ["--profile"] = true, ["--region"] = true, ["--endpoint-url"] = true,
  ["--local"] = true, ["--debug"] = true,
}

-- The field of the result that is ours, and is taken away again.
local TARGET = "_awl"

--- The option's text goes to the settings at once, and not into the script's arguments.
local function apply(option)
  return function(text)
    local ok, err = pcall(options.set, option.name, text)
    if ok then return text end
    return nil, err.message
  end
end

local function is_taken(parser, name)
  for _, own in ipairs(parser._options) do
    for _, alias in ipairs(own._aliases) do
      if alias == name then return true end
    end
  end
  return false
end

local function add(parser, option)
  local element
  if option.kind == "flag" then
    element = parser:flag(option.name, option.help)
    element:action(function() options.set(option.name) end)
  else
    element = parser:option(option.name, option.help)
    element:argname(option.metavar):convert(apply(option)):action(function() end)
    element:count(option.kind == "pair" and "*" or "?")
  end
  return element:target(TARGET):hidden(not SHOWN[option.name])
end

--- A script's own option of the same name comes first.
local function add_common(parser)
  local shown = {}
  if #parser._groups == 0 then parser:group("Options", table.unpack(parser._options)) end
  for _, option in ipairs(options.list()) do
    if not is_taken(parser, option.name) then
      local element = add(parser, option)
      if SHOWN[option.name] then shown[#shown + 1] = element end
    end
  end
  if #shown > 0 then parser:group("Options of awl", table.unpack(shown)) end
end

--- A converter that may raise as awl's functions do: awl.time.ago of what is no duration is
--- a mistake in the command line.
local function converter(element)
  local convert = element._convert
  return function(text)
    local results = table.pack(xpcall(convert, errors.on_error, text))
    local value, reason = results[2], results[3]
    if not results[1] then
      if not errors.is(value) or value.kind ~= "input" then error(value, 0) end
      value, reason = nil, value.message
    end
    if value ~= nil then return value end
    return nil, ("%s: %s"):format(element._name, reason or ("malformed argument '%s'"):format(text))
  end
end

local function guard_converters(parser)
  for _, elements in ipairs { parser._options, parser._arguments } do
    for _, element in ipairs(elements) do
      if type(element._convert) == "function" then element._convert = converter(element) end
    end
  end
  for _, command in ipairs(parser._commands) do guard_converters(command) end
end

local function wrap(parser, method)
  local original = parser[method]
  parser[method] = function(self, ...)
    if not self._awl_options then
      self._awl_options = true
      guard_converters(self)
      add_common(self)
    end
    local results = table.pack(original(self, ...))
    for i = 1, results.n do
      if type(results[i]) == "table" then results[i][TARGET] = nil end
    end
    if settings["local"] then require("awl.local_server").start() end
    return table.unpack(results, 1, results.n)
  end
end

---@param name string
---@param description string
return function(name, description)
  local parser = new_parser(name, description)
  wrap(parser, "parse")
  wrap(parser, "pparse")
  return parser
end
