--- Calls as one would write them, with the required members.
local example = {}

local WIDTH = 76 -- of a line of code, indented by two on a page of 80
local LONGEST_VARIABLE = 20
local DEEPEST = 12 -- members required within required ones; a model may be recursive

-- client.lua and lib_client.c: an operation of such a name answers to AWS's spelling.
local RESERVED = {
  call = true, start = true, pages = true, wait = true, with = true, presign = true,
  prepare = true,
}

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or
  repeat return then true until while]]):gmatch "%a+" do KEYWORDS[word] = true end

local function is_name(text) return text:find "^[%a_][%w_]*$" and not KEYWORDS[text] end

--- The name of a variable for a client: "lex-models" gives lex_models, and
--- "kinesis-video-archived-media" client.
---@param service string
---@return string
function example.variable(service)
  local name = service:gsub("[^%w_]", "_")
  return is_name(name) and #name <= LONGEST_VARIABLE and name or "client"
end

--- The method of an operation: "list_buckets".
function example.method(operation)
  return RESERVED[operation.method_name] and operation.name or operation.method_name
end

local function key(name)
  return is_name(name) and name or ("[%q]"):format(name)
end

local value

local function fields(catalog, structure, level)
  local list = {}
  for i, member in ipairs(structure.members) do
    if (member.required and not member.idempotency_token) or (structure.union and i == 1) then
      list[#list + 1] = { key(member.name), value(catalog, catalog:shape(member.shape), level) }
    end
  end
  return list
end

local function number(shape)
  local least = shape.min and math.max(shape.min, 1) or 1
  return math.type(least) == "integer" and tostring(least) or ("%.14g"):format(least)
end

-- No text is right for every service: this one is long enough.
local function text(shape)
  if shape.enum then return ("%q"):format(shape.enum[1]) end
  local least = math.max(shape.min or 3, 3)
  if least > 20 then return ('("."):rep(%d)'):format(least) end
  return ('"%s"'):format(("."):rep(least))
end

local function list(catalog, shape, level)
  local item = value(catalog, catalog:shape(shape.members[1].shape), level)
  local items = {}
  for _ = 1, math.min(math.max(shape.min or 1, 1), 100) do items[#items + 1] = { nil, item } end
  return items
end

local function map(catalog, shape, level)
  local name = catalog:shape(shape.members[1].shape)
  local item = value(catalog, catalog:shape(shape.members[2].shape), level)
  local entries = {}
  for i = 1, math.max(shape.min or 1, 1) do
    local text_key = name.enum and name.enum[i] or ("."):rep(math.max(name.min or 1, 1) + i - 1)
    entries[i] = { ("[%q]"):format(text_key), item }
  end
  return entries
end

local composite = { structure = fields, list = list, map = map }

local scalar = {
  string = text,
  blob = text,
  boolean = function() return "true" end,
  timestamp = function() return "awl.time.now()" end,
  document = function() return "{}" end,
}

--- A literal, or a list of { key, value } where there are more of them.
function value(catalog, shape, level)
  local write = composite[shape.type]
  if write and not shape.event_stream then
    return level < DEEPEST and write(catalog, shape, level + 1) or {}
  end
  return shape.event_stream and "{}" or (scalar[shape.type] or number)(shape)
end

local function inline(node)
  if type(node) == "string" then return node end
  if #node == 0 then return "{}" end
  local parts = {}
  for i, entry in ipairs(node) do
    local text_of = inline(entry[2])
    parts[i] = entry[1] and ("%s = %s"):format(entry[1], text_of) or text_of
  end
  return ("{ %s }"):format(table.concat(parts, ", "))
end

local function lay_out(node, indent, room)
  local short = inline(node)
  if type(node) == "string" or #short <= room or #node == 0 then return short end
  local lines = { "{" }
  local pad = (" "):rep(indent + 2)
  for _, entry in ipairs(node) do
    local head = entry[1] and entry[1] .. " = " or ""
    local rest = lay_out(entry[2], indent + 2, WIDTH - indent - 3 - #head)
    lines[#lines + 1] = ("%s%s%s,"):format(pad, head, rest)
  end
  lines[#lines + 1] = (" "):rep(indent) .. "}"
  return table.concat(lines, "\n")
end

--- The input with its required members as a table constructor. `room` is what is left of
--- its first line.
local function input_text(catalog, operation, room)
  local shape = operation.input and catalog:shape(operation.input)
  return lay_out(shape and fields(catalog, shape, 0) or {}, 0, room)
end

--- A call of a client's method that takes a name and the operation's input, between
--- other words: for page in s3:pages("list_objects_v2", { Bucket = "..." }) do
---@param catalog awl.describe.Catalog
---@param operation table
---@param method string
---@param name string
---@param before string?
---@param after string?
---@return string
function example.method_call(catalog, operation, method, name, before, after)
  before, after = before or "", after or ""
  local head = ('%s:%s('):format(example.variable(catalog.service.name), method)
  local quoted = ("%q"):format(name)
  local taken = #before + #head + #quoted + #after
  if taken + 4 > WIDTH then -- the name on a line of its own
    head = head .. "\n  "
    taken = 2 + #quoted + #after
  end
  local input = input_text(catalog, operation, WIDTH - taken - 3)
  return ("%s%s%s%s)%s"):format(before, head, quoted, input == "{}" and "" or ", " .. input, after)
end

local function streamed(catalog, output)
  for _, member in ipairs(output and output.members or {}) do
    if member.streaming and catalog:shape(member.shape).type == "blob" then return member.name end
  end
end

--- A script that makes the call.
---@param catalog awl.describe.Catalog
---@param operation table
---@return string
function example.call(catalog, operation)
  local client = example.variable(catalog.service.name)
  local output = operation.output and catalog:shape(operation.output)
  local has_output = output and #output.members > 0
  local head = ("%s%s:%s"):format(has_output and "local output = " or "", client,
    example.method(operation))
  if #head + 4 > WIDTH then head = head:gsub("= ", "=\n  ") end
  local input = input_text(catalog, operation, WIDTH - #head - 1)
  local lines = {
    'local awl = require "awl"',
    ('local %s = awl.client "%s"'):format(client, catalog.service.name),
    input == "{}" and head .. "()" or ("%s %s"):format(head, input),
  }
  local body = streamed(catalog, output)
  if body then lines[#lines + 1] = ('output.%s:save "FILE"'):format(body) end
  return table.concat(lines, "\n")
end

return example
