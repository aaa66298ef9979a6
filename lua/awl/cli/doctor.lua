--- `awl doctor`: what calls would depend on, and what is wrong with it.
local doctor = require "awl.doctor"
local json = require "awl.json"
local new_parser = require "awl.core.parser"
local options = require "awl.core.options"

local CONFIGURATION = 253

local MARKS = { ok = "ok", note = "note", problem = "WRONG" }

local function print_text(checks)
  print("awl " .. options.version)
  for _, check in ipairs(checks) do
    print(("%-6s%-18s%s"):format(MARKS[check.status], check.name, check.text))
    for _, line in ipairs(check.details or {}) do print((" "):rep(26) .. line) end
    if check.advice then print((" "):rep(24) .. "> " .. check.advice) end
  end
end

local function print_json(checks, good)
  for _, check in ipairs(checks) do check.details = json.array(check.details or {}) end
  print(json.encode({ version = options.version, ok = good, checks = json.array(checks) },
    { pretty = true }))
end

---@param args string[]
return function(args)
  local parser = new_parser("awl doctor", "Tells what calls would depend on: configuration, "
    .. "credentials and which providers were passed over why, who the caller is, the clock, "
    .. "certificates, proxy and limits; and what to do about what is wrong. Options such as "
    .. "--profile go before the command. Exit code 253: something must be set right.")
  parser:flag("--offline", "ask no service")
  parser:option("--output", "text or json", "text"):choices { "text", "json" }
  local arguments = parser:parse(args)
  local checks, good = doctor.run { offline = arguments.offline }, true
  for _, check in ipairs(checks) do good = good and check.status ~= "problem" end
  if arguments.output == "json" then print_json(checks, good) else print_text(checks) end
  return good and 0 or CONFIGURATION
end
