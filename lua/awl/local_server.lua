--- `--local`: the embedded emulator as a child process, and the settings that lead every
--- call there.
---
--- The child is `awl local --port 0 ...`. It tells its port in the first line of its
--- standard output (the last number in it), and ends with this process.
local errors = require "awl.core.error"
local process = require "awl.core.process"
local settings = require "awl.core.settings"

local FIRST_LINE_WITHIN = 30 -- seconds

local server -- the child, kept here so that it lives as long as we do

--- Functions are looked for beside the script unless they are named.
local function script_folder()
  local script = arg and arg[0]
  if not script or script == "-" then return "." end
  return script:match("^(.*)/[^/]*$") or "."
end

local function command_line()
  local words = { process.self(), "local", "--port", "0", "--quiet" }
  local function add(name, value)
    words[#words + 1] = name
    words[#words + 1] = value and tostring(value)
  end
  if settings.local_seed then add("--seed", settings.local_seed) end
  if settings.local_speed then add("--speed", settings.local_speed) end
  if settings.local_verify then add("--verify") end
  for name, file in pairs(settings.local_function or {}) do
    add("--function", name .. "=" .. file)
  end
  add("--functions", script_folder() .. "/functions")
  return words
end

local function fail(message)
  error(errors.new { kind = "config", code = "EmulatorError", message = message }, 0)
end

local function read_port(child)
  local awl_task = require "awl.core.task"
  local line = awl_task.timeout(FIRST_LINE_WITHIN, function() return child:read() end)
  local port = line and line:match("(%d+)%D*$")
  if port then return port end
  local status = child:wait()
  fail(("the emulator did not start (exit code %s)"):format(status or "none"))
end

local local_server = {}

--- Starts the emulator unless it runs. It answers instead of AWS from then on.
function local_server.start()
  if server then return end
  server = process.start(command_line(), {
    stdin = "null",
    stdout = "pipe",
    die_with_parent = true,
    new_group = true, -- Ctrl-C is the script's: cleanups still want answers
    background = true,
    env = { AWL_OPTIONS = false },
  })
  settings.endpoint_url = "http://127.0.0.1:" .. read_port(server)
  settings.region = settings.region or os.getenv "AWS_REGION"
    or os.getenv "AWS_DEFAULT_REGION" or "us-east-1"
  -- never those of a real account
  settings.credentials = { access_key_id = "local", secret_access_key = "local" }
end

return local_server
