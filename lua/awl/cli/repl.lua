--- `awl repl`: reads a line, runs it, prints what it gives. Tasks go on meanwhile.
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

--- The next chunk, or nil at the end of the input.
local function read_chunk(env)
  prompt "> "
  local text = stdin:read()
  while text do
    local chunk, err = compile(text, env)
    if chunk or not is_incomplete(err) then return chunk or function() error(err, 0) end end
    prompt ">> "
    local more = stdin:read()
    if not more then return function() error(err, 0) end end
    text = text .. "\n" .. more
  end
  return nil
end

local function show(...)
  if select("#", ...) > 0 then print(...) end
end

return function()
  local env = setmetatable({ awl = require "awl" }, { __index = _G })
  env._G = env
  for chunk in read_chunk, env do
    local results = table.pack(xpcall(chunk, debug.traceback))
    if results[1] then
      show(table.unpack(results, 2, results.n))
    else
      io.stderr:write(tostring(results[2]), "\n")
    end
  end
  print()
  return 0
end
