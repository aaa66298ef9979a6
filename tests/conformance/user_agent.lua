-- The suite of the User-Agent header: each case is a run of the program with the case's
-- environment and config file.
--
--     awl run user_agent.lua FOLDER
local awl = require "awl"
local process = require "awl.core.process"

-- The run of a case, which prints the header.
if arg[1] == "--prepare" then
  local client = awl.client("sts", { region = "us-east-1", sign = false,
    user_agent_extra = arg[2] })
  io.write(client:prepare("get_caller_identity", {}).headers["User-Agent"])
  return
end

local folder = assert(arg[1], "usage: awl run user_agent.lua FOLDER")

local function config_file(settings)
  local path = os.tmpname()
  local lines = { "[default]" }
  for name, value in pairs(settings) do lines[#lines + 1] = name .. " = " .. value end
  awl.fs.write_file(path, table.concat(lines, "\n") .. "\n")
  return path
end

local function header_of(given)
  local path = config_file(given.sharedConfigFile or {})
  local env = { AWS_CONFIG_FILE = path }
  for name, value in pairs(given.environmentVariables or {}) do env[name] = value end
  local argv = { process.self(), "run", arg[0], "--prepare" }
  if given.framework then
    argv[5] = ("lib/%s#%s"):format(given.framework.name, given.framework.version):gsub("#$", "")
  end
  local child <close> = process.start(argv, { env = env, stdout = "pipe" })
  local sent = child:read "a"
  os.remove(path)
  return child:wait() == 0 and sent or ""
end

--- What stands for this program, its language and this machine in the suite's words.
local function ours(part, sent)
  if part:find "^aws%-sdk%-" then return "awl/" .. sent:match "^awl/(%S+)" end
  if part:find "^os/" then return sent:match "os/%S+" end
  if part:find "^lang/" then return sent:match "lang/lua#%S+" end
  return part
end

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

local function position(list, wanted, from)
  for i = from, #list do if list[i] == wanted then return i end end
  return nil
end

--- What is missing, or nil. A feature "m/A" that this program does not have is not asked
--- for: there are no models of resources.
local function missing(expected, sent)
  local found, at = words(sent), 1
  for _, part in ipairs(expected.containsInExactOrder or {}) do
    part = ours(part, sent)
    local place = position(found, part, at)
    if not place then return part .. " in its place" end
    at = place + 1
  end
  for _, part in ipairs(expected.containsInAnyOrder or {}) do
    if part ~= "m/A" and not position(found, ours(part, sent), 1) then return part end
  end
  for _, part in ipairs(expected.contains or {}) do
    if not sent:find(part, 1, true) then return part end
  end
  return nil
end

local path = folder .. "/user-agent-tests.json"
local cases = awl.fs.exists(path) and awl.json.decode(awl.fs.read_file(path)) or {}
local failed = 0
for _, case in ipairs(cases) do
  local sent = header_of(case.given)
  local what = missing(case.expectedRequestHeaders["user-agent"], sent)
  if what then
    failed = failed + 1
    print(("FAIL %s %s: no %s in %q"):format(path, case.description, what, sent))
  end
end
print(("%s: %d passed, %d failed, 0 skipped"):format(path, #cases - failed, failed))
os.exit(failed == 0 and 0 or 1)
