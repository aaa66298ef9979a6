--- AWS's documentation, a little HTML, as plain text.
local ENTITIES = {
  lt = "<", gt = ">", amp = "&", quot = '"', apos = "'", nbsp = " ", mdash = "-",
  ndash = "-", hellip = "...",
}

local INLINE = {
  a = true, b = true, code = true, em = true, i = true, link = true, replaceable = true,
  strong = true, u = true, filename = true, zonbook = true, xhtml = true, span = true,
}

local function decode(text)
  return (text:gsub("&(#?)([xX]?)(%w+);", function(number, hex, name)
    if number == "" then return ENTITIES[hex .. name] end
    local code = tonumber(name, hex == "" and 10 or 16)
    if not code or code > 0x10FFFF then return nil end
    -- Control characters are what is left of another character set: a dash mostly.
    if code < 0x20 or (code >= 0x7F and code < 0xA0) then return "-" end
    return (code == 0x2028 or code == 0xA0) and " " or utf8.char(code)
  end))
end

---@class awl.describe.Block
---@field text string
---@field indent integer
---@field bullet string? stands before the text, which hangs behind it
---@field pre boolean? its lines stay as they are

---@class awl.describe.Reader
---@field blocks awl.describe.Block[]
---@field parts string[] of the block being read
---@field lists table[] those we are in
local Reader = {}
Reader.__index = Reader

local function indent_of(self)
  local indent = self.term and 4 or 0
  for _, list in ipairs(self.lists) do indent = indent + list.indent end
  return indent
end

local function flush(self)
  local text = table.concat(self.parts)
  self.parts = {}
  if not self.pre then text = text:gsub("%s+", " "):match "^ ?(.-) ?$" end
  if text == "" then return end
  local bullet = self.bullet
  self.bullet = nil
  local indent = indent_of(self) - (bullet and #bullet or 0)
  table.insert(self.blocks, { text = text, indent = math.max(indent, 0), bullet = bullet,
                              pre = self.pre })
end

local open, close = {}, {}

for _, name in ipairs { "p", "para", "div", "br", "dl", "dt", "fullname", "h1", "h2", "h3" } do
  open[name] = flush
  close[name] = flush
end

function open.ul(self)
  flush(self)
  table.insert(self.lists, { indent = 2 })
end

function open.ol(self)
  flush(self)
  table.insert(self.lists, { indent = 3, number = 0 })
end

function close.ul(self)
  flush(self)
  self.bullet = nil
  table.remove(self.lists)
end
close.ol = close.ul

function open.li(self)
  flush(self)
  local list = self.lists[#self.lists]
  if list and list.number then
    list.number = list.number + 1
    self.bullet = ("%d. "):format(list.number)
  elseif list then
    self.bullet = "- "
  end
end
close.li = flush

function open.dd(self)
  flush(self)
  self.term = true
end

function close.dd(self)
  flush(self)
  self.term = nil
end

function open.note(self)
  flush(self)
  self.parts = { "Note: " }
end
close.note = flush

function open.important(self)
  flush(self)
  self.parts = { "Important: " }
end
close.important = flush

function open.pre(self)
  flush(self)
  self.pre = true
end

function close.pre(self)
  flush(self)
  self.pre = nil
end

-- <note><p> is one paragraph: what introduces it does not stand alone.
local function is_introduction(self)
  local text = table.concat(self.parts)
  return text:find "^Note: %s*$" or text:find "^Important: %s*$"
end

--- False for what only looks like a tag: "<region>".
local function take_tag(self, slash, name)
  name = name:lower()
  local actions = slash == "/" and close or open
  if not actions[name] then return INLINE[name] end
  if not (name == "p" and slash == "" and is_introduction(self)) then actions[name](self) end
  return true
end

--- The blocks of a text.
---@param html string
---@return awl.describe.Block[]
return function(html)
  local self = setmetatable({ blocks = {}, parts = {}, lists = {} }, Reader)
  local at = 1
  while at <= #html do
    local from, to, slash, name = html:find("<(/?)(%a[%w-]*)[^<>]*>", at)
    table.insert(self.parts, decode(html:sub(at, (from or 0) - 1)))
    if not from then break end
    if not take_tag(self, slash, name) then
      table.insert(self.parts, decode(html:sub(from, to)))
    end
    at = to + 1
  end
  flush(self)
  return self.blocks
end
