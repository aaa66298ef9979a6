--- `awl describe [SERVICE [NAME]]`: what the models say of services, operations, shapes
--- and waiters. Asks no service and needs no credentials.
local describe = require "awl.describe"
local json = require "awl.json"
local models = require "awl.core.models"
local new_catalog = require "awl.describe.catalog"
local new_page = require "awl.describe.page"
local new_parser = require "awl.core.parser"
local text = require "awl.core.text"

local USAGE = 252

local HOW = [[
awl describe SERVICE               its operations, waiters and shapes, counted
awl describe SERVICE OPERATION     how it is called, what it takes, gives and raises
awl describe SERVICE SHAPE         a structure, an enum or an error
awl describe SERVICE WAITER        what it asks, and until when
awl describe SERVICE --search WORD where the word stands
awl describe --search WORD         services and operations with it in their names]]

local function convert_depth(word)
  local depth = math.tointeger(tonumber(word))
  if depth and depth >= 1 then return depth end
  return nil, ("--depth takes a whole number from 1, not '%s'"):format(word)
end

local function read_arguments(words)
  local parser = new_parser("awl describe", "Tells what the models say of a service, or of an "
    .. "operation, shape or waiter of it. Names may be spelt in any style: ListBuckets, "
    .. "list_buckets, list-buckets."):help_max_width(80)
  parser:argument("service", "as scripts name it; none: the list of them"):args("?")
  parser:argument("name", "of an operation, a shape or a waiter"):args("?")
  parser:option("--api-version", "of the service, where there are several"):argname "DATE"
  parser:option("--depth", "levels of structures within structures that are shown",
    "3"):argname("N"):convert(convert_depth)
  parser:flag("--brief", "without documentation")
  parser:option("--search", "tell where the word stands instead"):argname("WORD")
  parser:option("--output", "text, or json: whole, whatever the depth", "text")
    :choices { "text", "json" }
  return parser:parse(words)
end

local function is_set(name)
  local value = os.getenv(name)
  return value ~= nil and value ~= ""
end

local function fail(message)
  io.stderr:write(("awl describe: %s\n"):format(message))
  return USAGE
end

local function write_json(value)
  value.models = models.pack()
  io.write(json.encode(value, { pretty = true }), "\n")
  return 0
end

local function write_page(page)
  io.write(page:text())
  return 0
end

local function make_page()
  local columns = text.columns()
  return new_page(columns, columns ~= nil and not is_set "NO_COLOR")
end

-- ---- no service ----

local function list_services(args)
  local names = models.services()
  if args.output == "json" then return write_json { services = json.array(names) } end
  local page = make_page()
  page:code(HOW, 0)
  page:heading(("Services (%d, %s)"):format(#names, (models.pack())))
  page:columns(names, 2)
  return write_page(page)
end

-- Of a folder of the user's that holds no model nothing can be said.
local function try_catalog(service)
  local ok, catalog = pcall(new_catalog, service)
  return ok and catalog or nil
end

local function search_services(args)
  local in_name = require("awl.describe.search").in_name(args.search)
  local found = json.array {}
  for _, service in ipairs(models.services()) do
    local catalog = try_catalog(service)
    if in_name(service) or (catalog and in_name(catalog.service.full_name)) then
      table.insert(found, { service = service })
    end
    for _, operation in ipairs(catalog and catalog:operations() or {}) do
      if in_name(operation.name) then
        table.insert(found, { service = service, operation = operation.method_name })
      end
    end
  end
  if args.output == "json" then return write_json { matches = found } end
  if #found == 0 then return fail(("nothing is called '%s'"):format(args.search)) end
  local page = make_page()
  for _, match in ipairs(found) do
    page:line(match.service .. (match.operation and " " .. match.operation or ""))
  end
  return write_page(page)
end

-- ---- a service ----

local SECTIONS = {
  { "operation", "Operations" }, { "waiter", "Waiters" }, { "shape", "Shapes" },
  { "member", "Members" }, { "value", "Values" },
}

local function search_service(context, args)
  local word = args.search
  local found = require("awl.describe.search").service(context.catalog, context.docs, word)
  if args.output == "json" then
    return write_json { service = context.catalog.service, matches = json.array(found) }
  end
  if #found == 0 then
    return fail(("nothing in %s is called '%s'"):format(context.catalog.service.name, word))
  end
  local page = make_page()
  for _, section in ipairs(SECTIONS) do
    local names = {}
    for _, match in ipairs(found) do
      if match.kind == section[1] then
        names[#names + 1] = (match.within and match.within .. "." or "") .. match.name
          .. (match.text and " (text)" or "")
      end
    end
    if #names > 0 then
      page:heading(("%s (%d)"):format(section[2], #names))
      page:columns(names, 2)
    end
  end
  return write_page(page)
end

local function describe_name(context, args)
  local kind, record = describe.find(context, args.name)
  if not kind then return fail(record) end
  if args.output == "json" then return write_json(describe.data(context, kind, record)) end
  context.page = make_page()
  describe.write(context, kind, record)
  return write_page(context.page)
end

---@param words string[]
return function(words)
  local args = read_arguments(words)
  if not args.service then
    return (args.search and search_services or list_services)(args)
  end
  local ok, context = pcall(describe.open, args.service, args)
  if not ok then
    if type(context) == "table" and context.kind == "input" then return fail(context.message) end
    error(context, 0)
  end
  if args.search then return search_service(context, args) end
  return describe_name(context, args)
end
