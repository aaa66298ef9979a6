--- `awl repl`: reads a line, runs it, prints what it gives. Tasks go on meanwhile.
local errors = require "awl.core.error"
local show = require "awl.show"
local stdin = require "awl.stdin"

-- Lines are asked for while the chunk is not complete.
local function is_incomplete(message)
  return message:find "<eof>%f[\0]" ~= nil
end

local function compile(text, env)
  local chunk = load("return " .. text, "=repl", "t", env)
  if chunk then return chunk end
  return load(text, "=repl", "t", env)
end

local function prompt(text)
  io.stdout:write(text)
  io.stdout:flush()
end

--- The next chunk, or what is wrong with it as text; nil at the end of the input.
local function read_chunk(env)
  prompt "> "
  local text = stdin:read()
  while text do
    local chunk, err = compile(text, env)
    if chunk or not is_incomplete(err) then return chunk or err end
    prompt ">> "
    local more = stdin:read()
    if not more then return err end
    text = text .. "\n" .. more
  end
  return nil
end

local function print_values(...)
  local values = table.pack(...)
  for i = 1, values.n do
    if type(values[i]) == "table" then values[i] = show(values[i]) end
  end
  if values.n > 0 then print(table.unpack(values, 1, values.n)) end
end

local function print_error(err)
  io.stderr:write(type(err) == "table" and show(err) or tostring(err), "\n")
  local trace = errors.traceback(err) or ""
  if trace ~= "" then io.stderr:write(trace, "\n") end
end

local function run(chunk)
  local results = table.pack(xpcall(chunk, errors.on_error))
  if results[1] then
    print_values(table.unpack(results, 2, results.n))
  else
    print_error(results[2])
  end
end

return function()
  local env = setmetatable({ awl = require "awl" }, { __index = _G })
  env._G = env
  for chunk in read_chunk, env do
    if type(chunk) == "string" then print_error(chunk) else run(chunk) end
  end
  print()
  return 0
end
