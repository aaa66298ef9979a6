--- `awl models`: which services there are and where their models come from; packs made
--- from botocore's data.
local new_parser = require "awl.core.parser"
local json = require "awl.json"
local models = require "awl.core.models"

--- `text`, its middle left out if it is longer than `width`.
local function shorten(text, width)
  if #text <= width then return text end
  local half = (width - 3) // 2
  return text:sub(1, half) .. "..." .. text:sub(-(width - 3 - half))
end

local function versions_of(service)
  local others = #service.api_versions - 1
  return service.api_version .. (others > 0 and (" (+%d)"):format(others) or "")
end

local function print_text(pack, services, damaged)
  print(("%-38s %-16s %-10s %s"):format("SERVICE", "API VERSION", "PROTOCOL", "FROM"))
  for _, service in ipairs(services) do
    print(("%-38s %-16s %-10s %s"):format(shorten(service.name, 38), versions_of(service),
      shorten(service.protocol, 10), service.folder and "folder" or pack.kind))
  end
  local named, folders = {}, {}
  for _, service in ipairs(services) do
    if service.folder and not named[service.folder] then
      named[service.folder] = true
      folders[#folders + 1] = service.folder
    end
  end
  print(("\n%d services. %s, %s"):format(#services, pack.version,
    pack.file and "from " .. pack.file or "embedded in awl"))
  for _, folder in ipairs(folders) do print("folder: " .. folder) end
  for _, reason in ipairs(damaged) do io.stderr:write("awl models: left out: ", reason, "\n") end
end

local function list(arguments)
  local version, origin = models.pack()
  local pack = { version = version, kind = origin == "embedded" and origin or "file",
                 file = origin ~= "embedded" and origin or nil }
  local services, damaged = {}, {}
  for _, name in ipairs(models.services()) do
    local service, reason = models.service(name)
    if service then services[#services + 1] = service else damaged[#damaged + 1] = reason end
  end
  if arguments.output == "json" then
    for _, service in ipairs(services) do
      service.from = service.folder and "folder" or pack.kind
    end
    print(json.encode { pack = pack, services = json.array(services),
                        left_out = json.array(damaged) })
  else
    print_text(pack, services, damaged)
  end
  return 0
end

local function report(file, version, count, skipped)
  for _, reason in ipairs(skipped) do io.stderr:write("awl models: left out: ", reason, "\n") end
  io.stderr:write(("%s: %s, %d services\n"):format(file, version, count))
  return 0
end

local function reset()
  local files = models.reset()
  for _, file in ipairs(files) do io.stderr:write("removed ", file, "\n") end
  io.stderr:write("awl uses the embedded models\n")
  return 0
end

return function(words)
  local parser = new_parser("awl models", "Tells which services there are; makes model packs.")
  parser:require_command(true)
  parser:command_target "command"
  local l = parser:command("list", "the services: name, API versions, protocol, where from")
  l:option("--output", "text or json"):choices { "text", "json" }:default "text"
  local b = parser:command("build", "make a pack, for AWL_MODELS, from botocore's data")
  b:argument("DIR", "a botocore data directory, checkout or installation")
  b:option("-o --output", "the pack's file"):argname "FILE":count(1)
  b:flag("--all-versions", "every API version, not the newest alone")
  local u = parser:command("update", "use the services of a newer botocore from now on")
  u:argument("DIR", "as for build"):args "?"
  u:flag("--remove", "as `awl models reset`")
  parser:command("reset", "use the embedded models again")
  local arguments = parser:parse(words)

  if arguments.command == "list" then return list(arguments) end
  if arguments.command == "build" then
    return report(models.build(arguments.DIR, arguments.output, arguments.all_versions))
  end
  if arguments.command == "reset" or arguments.remove then return reset() end
  if not arguments.DIR then parser.error(u, "missing argument 'DIR'") end
  return report(models.update(arguments.DIR))
end
