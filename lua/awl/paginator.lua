--- client:pages(operation, input, options): an operation repeated while the service
--- asks for another page.
local core = require "awl.core.client"
local errors = require "awl.core.error"
local jmespath = require "awl.jmespath"

---@class awl.Pages
---@field private client awl.Client
---@field private rules table the model's paginator
---@field private input table
---@field private options table?
---@field private tokens any[]? those of the next page; nil for the first
---@field private done boolean
local Pages = {}

---@class awl.Items
---@field private pages awl.Pages
---@field private list table
---@field private position integer
local Items = {}

--- What is called is taken for a list easily, and `ipairs` of it would find nothing.
local function no_list()
  error("pages and items come one after the other and are no list: write "
    .. "`for page in client:pages(...) do`, or give them to awl.map", 3)
end

for _, class in ipairs { Pages, Items } do
  function class:__index(key)
    if math.type(key) == "integer" then no_list() end
    return class[key]
  end

  function class:__len() no_list() end
end

local function fail(rules, message)
  error(errors.new {
    kind = "service", code = "PaginationError", operation = rules.operation, message = message,
  }, 0)
end

--- A token that asks for another page: services say "no more" in several ways.
local function is_set(value)
  return value ~= nil and value ~= false and value ~= ""
    and not (type(value) == "table" and next(value) == nil)
end

local function page_input(self)
  if not self.tokens then return self.input end
  local input = {}
  for key, value in pairs(self.input) do input[key] = value end
  for i, name in ipairs(self.rules.input_tokens) do input[name] = self.tokens[i] end
  return input
end

--- The tokens of the page after this one; nil if this is the last.
local function next_tokens(rules, page)
  if rules.more_results and not is_set(jmespath.search(rules.more_results, page)) then
    return nil
  end
  local tokens, any = {}, false
  for i, expression in ipairs(rules.output_tokens) do
    local token = jmespath.search(expression, page)
    if is_set(token) then
      tokens[i] = token
      any = true
    end
  end
  return any and tokens or nil
end

local function same(rules, a, b)
  for i = 1, #rules.output_tokens do
    if a[i] ~= b[i] then return false end
  end
  return true
end

--- The next page, or nil after the last.
---@return table?
function Pages:__call()
  if self.done then return nil end
  local page = self.client:call(self.rules.operation, page_input(self), self.options)
  local tokens = next_tokens(self.rules, page)
  if tokens and self.tokens and same(self.rules, tokens, self.tokens) then
    fail(self.rules, "the service gave the same token twice")
  end
  self.tokens = tokens
  self.done = tokens == nil
  return page
end

--- Leaving the loop early ends the iteration.
function Pages:__close() self.done = true end
Pages.close = Pages.__close

--- Refuses a list that no page has. A key is an expression, whose first name counts.
local function check_key(self, key)
  local name = key:match "^[%a_][%w_]*"
  local names = core.output_members(self.client, self.rules.operation)
  for _, known in ipairs(names) do
    if known == name or not name then return end
  end
  error(("the output of %s has no '%s'%s"):format(self.rules.operation, name,
    require "awl.core.text".did_you_mean(name, names)), 3)
end

--- The items of all pages: `for object in s3:pages(...):items() do`.
---@param key string? which list of the output; default: the model's first
---@return awl.Items, nil, nil, awl.Items
function Pages:items(key)
  if getmetatable(self) ~= Pages then
    error("items is a method: call it as pages:items(), with a colon", 2)
  end
  if key then check_key(self, key) end
  key = key or self.rules.result_keys[1]
  if not key then
    error(("the model does not say which list %s pages through: give its name to items()")
      :format(self.rules.operation), 2)
  end
  local items = setmetatable({ pages = self, list = {}, position = 0, key = key }, Items)
  return items, nil, nil, items
end

--- The next item, or nil after the last.
function Items:__call()
  while self.position >= #self.list do
    local page = self.pages()
    if not page then return nil end
    local list = jmespath.search(self.key, page)
    self.list = type(list) == "table" and list or {}
    self.position = 0
  end
  self.position = self.position + 1
  return self.list[self.position]
end

function Items:__close() self.pages:close() end
Items.close = Items.__close

--- for page in s3:pages("list_objects_v2", { Bucket = "logs" }) do ... end
---@param client awl.Client
---@param operation string
---@param input table?
---@param options table? as for a single call, for each of them
---@return awl.Pages, nil, nil, awl.Pages
return function(client, operation, input, options)
  local rules = core.paginator(client, operation)
  if not rules then
    error(("%s answers in one page: call it as a method"):format(operation), 2)
  end
  local call_options = { feature = "paginator" }
  for key, value in pairs(options or {}) do call_options[key] = value end
  local pages = setmetatable({
    client = client, rules = rules, input = input or {}, options = call_options, done = false,
  }, Pages)
  return pages, nil, nil, pages
end
