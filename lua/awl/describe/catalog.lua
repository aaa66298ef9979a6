--- The model of a service, with its parts looked up by names as people write them:
--- ListBuckets, list_buckets, list-buckets.
local core = require "awl.core.model"
local text = require "awl.core.text"

---@class awl.describe.Catalog
---@field model awl.core.Model
---@field service table what model:service() says
---@field private names string[] of all shapes
---@field private shapes table<integer, table> those read so far
---@field private places table<string, integer>? of shapes by name
local Catalog = {}
Catalog.__index = Catalog

local function plain(name) return (name:gsub("[-_ ]", ""):lower()) end

--- The shape at a place of the model, a reference as operations and members have it.
---@param place integer
---@return table
function Catalog:shape(place)
  local shape = self.shapes[place]
  if not shape then
    shape = self.model:shape(place)
    self.shapes[place] = shape
  end
  return shape
end

---@return string[]
function Catalog:shape_names() return self.names end

--- The place of the shape that is spelt so, or nil.
function Catalog:shape_place(name)
  if not self.places then
    self.places = {}
    for place, shape in ipairs(self.names) do self.places[shape] = place end
  end
  return self.places[name]
end

---@return table[] all operations, sorted by name
function Catalog:operations()
  self.all_operations = self.all_operations or self.model:operations()
  return self.all_operations
end

---@return table[] all waiters
function Catalog:waiters()
  self.all_waiters = self.all_waiters or self.model:waiters()
  return self.all_waiters
end

local function find_exact(self, name)
  local operation = self.model:operation(name)
  if operation then return "operation", operation end
  local place = self:shape_place(name)
  if place then return "shape", self:shape(place) end
  for _, waiter in ipairs(self:waiters()) do
    if waiter.name == name or waiter.method_name == name then return "waiter", waiter end
  end
end

local function find_alike(self, name)
  local wanted = plain(name)
  for _, operation in ipairs(self:operations()) do
    if plain(operation.name) == wanted then return "operation", operation end
  end
  for place, shape in ipairs(self.names) do
    if plain(shape) == wanted then return "shape", self:shape(place) end
  end
  for _, waiter in ipairs(self:waiters()) do
    if plain(waiter.name) == wanted then return "waiter", waiter end
  end
end

--- What the name is of: "operation", "shape" or "waiter", and its record; nil when there
--- is none. What is spelt exactly so comes first, then operations.
---@param name string
---@return string?, table?
function Catalog:find(name)
  local kind, record = find_exact(self, name)
  if kind then return kind, record end
  return find_alike(self, name)
end

--- The names like one that there is not: "; did you mean 'a' or 'b'?", or "".
---@param name string
---@return string
function Catalog:did_you_mean(name)
  local field = name:find "^%u" and "name" or "method_name"
  local names = {}
  for _, operation in ipairs(self:operations()) do names[#names + 1] = operation[field] end
  for _, waiter in ipairs(self:waiters()) do names[#names + 1] = waiter[field] end
  table.move(self.names, 1, #self.names, #names + 1, names)
  return text.did_you_mean(name, names)
end

--- The structure, list or map behind lists and maps: what has members to be shown.
---@param shape table
---@return table
function Catalog:innermost(shape)
  local seen = {}
  while (shape.type == "list" or shape.type == "map") and not seen[shape] do
    seen[shape] = true
    shape = self:shape(shape.members[#shape.members].shape)
  end
  return shape
end

--- The name of a service that is spelt in another style, or nil.
local function service_like(name)
  local wanted = plain(name)
  for _, service in ipairs(require "awl.core.models".services()) do
    if plain(service) == wanted then return service end
  end
end

local function open(service, api_version)
  local ok, model = pcall(core.open, service, api_version)
  if ok then return model end
  local other = service_like(service)
  if not other or other == service then error(model, 0) end
  return core.open(other, api_version)
end

--- Raises for an unknown service.
---@param service string
---@param api_version string? default: the newest
---@return awl.describe.Catalog
return function(service, api_version)
  local model = open(service, api_version)
  return setmetatable({
    model = model, service = model:service(), names = model:shapes(), shapes = {},
  }, Catalog)
end
