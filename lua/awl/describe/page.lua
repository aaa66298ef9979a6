--- A page of text being written: wrapped at a width, with headings.
local html = require "awl.describe.html"

local PLAIN_WIDTH = 80
local NARROWEST, WIDEST = 40, 100 -- of what is read; lists of names use all of a terminal

---@class awl.describe.Page
---@field width integer
---@field private list_width integer
---@field private bold boolean
---@field private lines string[]
local Page = {}
Page.__index = Page

local function length(text) return utf8.len(text) or #text end

---@param text string?
function Page:line(text) self.lines[#self.lines + 1] = text or "" end

--- An empty line, unless there is one or nothing yet.
function Page:gap()
  if #self.lines > 0 and self.lines[#self.lines] ~= "" then self:line() end
end

-- Between words of one line: a space that is not broken at.
local FIXED_SPACE = "\u{A0}"

--- Words, wrapped; not within what is fixed. `first` stands before the first line; the lines after it begin at
--- `hang`. Only a word that is too long for a line by itself sticks out.
---@param text string
---@param first string
---@param hang integer
function Page:wrap(text, first, hang)
  local line, column, empty = { first }, length(first), true
  for word in text:gmatch "%S+" do
    local more = length(word) + (empty and 0 or 1)
    if not empty and column + more > self.width then
      self:line(table.concat(line))
      line, column, empty = { (" "):rep(hang) }, hang, true
      more = length(word)
    end
    if not empty then line[#line + 1] = " " end
    line[#line + 1] = word:gsub(FIXED_SPACE, " ")
    column, empty = column + more, false
  end
  self:line((table.concat(line):gsub("%s+$", "")))
end

---@param text string
---@param indent integer
function Page:paragraph(text, indent)
  self:wrap(text, (" "):rep(indent), indent)
end

---@param text string
function Page:heading(text)
  self:gap()
  local from = #self.lines + 1
  self:wrap(text, "", 2)
  for i = from, self.bold and #self.lines or 0 do
    self.lines[i] = ("\27[1m%s\27[0m"):format(self.lines[i])
  end
end

local function longest_word(text)
  local longest = 0
  for word in text:gmatch "%S+" do longest = math.max(longest, length(word)) end
  return longest
end

--- A name and words about it, which begin at `column` or, after a longer name, two
--- spaces behind it. Long words move them to the left, below the name.
---@param name string
---@param text string
---@param indent integer
---@param column integer
function Page:entry(name, text, indent, column)
  local first = (" "):rep(indent) .. name
  if text == "" then return self:line(first) end
  local room = self.width - longest_word(text)
  local hang = math.min(column, math.max(room, indent + 4))
  first = first .. (" "):rep(math.max(column - length(first), 2))
  if length(first) > hang and length(first) + length(text:match "%S+") > self.width then
    self:line((first:gsub("%s+$", "")))
    first = (" "):rep(hang)
  end
  self:wrap(text, first, hang)
end

--- Lines that stay as they are, long ones too.
---@param text string
---@param indent integer
function Page:code(text, indent)
  for line in text:gmatch "[^\n]+" do self:line((" "):rep(indent) .. line) end
end

local function write_pre(self, text, indent)
  for line in text:gmatch "[^\n]+" do
    local spaces, words = line:match "^(%s*)(.-)%s*$"
    self:wrap(words, (" "):rep(indent) .. spaces, indent + #spaces)
  end
end

local function write_block(self, block, indent)
  indent = indent + block.indent
  if block.pre then return write_pre(self, block.text, indent) end
  local bullet = block.bullet or ""
  self:wrap(block.text, (" "):rep(indent) .. bullet, indent + #bullet)
end

--- Documentation, as AWS has it. With `brief` its first paragraph.
---@param text string
---@param indent integer
---@param brief boolean?
function Page:documentation(text, indent, brief)
  local previous
  for _, block in ipairs(html(text)) do
    if previous and brief then break end
    if previous and not (block.bullet and previous.bullet) then self:line() end
    write_block(self, block, indent)
    previous = block
  end
end

-- The widths of so many columns, or nil if they do not fit.
local function column_widths(names, columns, room)
  local rows = (#names + columns - 1) // columns
  local widths, all = {}, -2
  for from = 1, #names, rows do
    local widest = 0
    for at = from, math.min(from + rows - 1, #names) do
      widest = math.max(widest, length(names[at]))
    end
    widths[#widths + 1] = widest
    all = all + widest + 2
  end
  if all <= room or columns == 1 then return widths, rows end
end

--- Names in as many columns as fit, downwards.
---@param names string[]
---@param indent integer
function Page:columns(names, indent)
  local widths, rows
  for columns = math.min(#names, self.list_width // 4), 1, -1 do
    widths, rows = column_widths(names, columns, self.list_width - indent)
    if widths then break end
  end
  for row = 1, rows or 0 do
    local cells = {}
    for column, width in ipairs(widths) do
      local name = names[row + (column - 1) * rows]
      if name then cells[column] = name .. (" "):rep(width - length(name)) end
    end
    local line = table.concat(cells, "  "):gsub("%s+$", "")
    self:line((" "):rep(indent) .. line)
  end
end

--- The text, to be kept on one line by wrap.
---@param text string
---@return string
function Page.fixed(text) return (text:gsub(" ", FIXED_SPACE)) end

---@return string
function Page:text() return table.concat(self.lines, "\n") .. "\n" end

--- A page for a terminal of so many columns; nil: for a file or a pipe.
---@param columns integer?
---@param bold boolean?
---@return awl.describe.Page
return function(columns, bold)
  local width = math.max(columns or PLAIN_WIDTH, NARROWEST)
  return setmetatable({
    width = math.min(width, WIDEST), list_width = width, bold = bold, lines = {},
  }, Page)
end
