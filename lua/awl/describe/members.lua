--- The members of a structure, and of those within it, as a tree.
local types = require "awl.describe.types"

local WIDEST_NAME = 24 -- what a name takes of the line at most, before its type

---@class awl.describe.Tree
---@field page awl.describe.Page
---@field catalog awl.describe.Catalog
---@field docs awl.describe.Docs
---@field brief boolean without documentation
---@field depth integer levels of structures within structures that are shown
---@field output boolean the members are of an answer
---@field private path table<table, boolean> the structures we are in
---@field private shown table<table, boolean> those that are on the page already
---@field cut boolean something was left out for its depth
local Tree = {}
Tree.__index = Tree

local function streaming_text(tree, shape)
  if shape.type ~= "blob" then return nil end
  return tree.output and "streamed: an object with read, lines, chunks and save"
    or "streamed: a string, awl.fs.open(...) or a function that yields pieces"
end

local function member_text(tree, member, shape)
  local parts = { types.name(tree.catalog, shape) }
  if member.required and not tree.output then parts[2] = "required" end
  if member.idempotency_token and not tree.output then
    parts[#parts + 1] = "idempotency token (made by awl)"
  end
  if member.streaming then parts[#parts + 1] = streaming_text(tree, shape) end
  local details = types.details(tree.catalog, shape)
  table.move(details, 1, #details, #parts + 1, parts)
  return table.concat(parts, ", ")
end

local function has_members(shape)
  return shape.type == "structure" and #shape.members > 0
end

--- What follows below a member: the structure to show, or a word why there is none.
local function below(tree, shape, level)
  local inner = tree.catalog:innermost(shape)
  if not has_members(inner) then return nil, "" end
  if tree.path[inner] then return nil, " (recursive)" end
  if tree.shown[inner] then return nil, " (see above)" end
  if level >= tree.depth then
    tree.cut = true
    return nil, " {...}"
  end
  return inner, inner.union and ": exactly one of" or ""
end

local function name_column(structure, indent)
  local widest = 0
  for _, member in ipairs(structure.members) do widest = math.max(widest, #member.name) end
  return indent + math.min(widest, WIDEST_NAME) + 2
end

local function write(tree, structure, indent, level)
  local column = name_column(structure, indent)
  tree.path[structure], tree.shown[structure] = true, true
  for _, member in ipairs(structure.members) do
    local shape = tree.catalog:shape(member.shape)
    local inner, note = below(tree, shape, level)
    tree.page:entry(member.name, member_text(tree, member, shape) .. note, indent, column)
    local text = not tree.brief and tree.docs:of_member(structure, member, shape)
    if text then tree.page:documentation(text, indent + 4, level > 1) end
    if inner then write(tree, inner, indent + 2, level + 1) end
  end
  tree.path[structure] = nil
end

--- Writes the members of a structure, or of what a list or map has in it.
---@param shape table
---@param indent integer
function Tree:write(shape, indent)
  local structure = self.catalog:innermost(shape)
  if has_members(structure) then write(self, structure, indent, 1) end
end

---@param fields table page, catalog, docs, depth, brief
---@param output boolean?
---@return awl.describe.Tree
return function(fields, output)
  return setmetatable({
    page = fields.page, catalog = fields.catalog, docs = fields.docs, depth = fields.depth,
    brief = fields.brief, output = output, path = {}, shown = {}, cut = false,
  }, Tree)
end
