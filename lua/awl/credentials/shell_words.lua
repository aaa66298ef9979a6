--- Splits a command as a shell would, without one: quotes and backslashes, nothing else.

--- The words, and for each whether any of it was quoted.
---@param text string
---@return string[] words
---@return table<integer, boolean> quoted
return function(text)
  local words, quoted = {}, {}
  local word, at = nil, 1
  local function add(piece, was_quoted)
    word = (word or "") .. piece
    if was_quoted then quoted[#words + 1] = true end
  end
  while at <= #text do
    local char = text:sub(at, at)
    if char:find "%s" then
      if word then words[#words + 1], word = word, nil end
    elseif char == "\\" then
      if at == #text then error("it ends in a backslash", 0) end
      at = at + 1
      add(text:sub(at, at), true)
    elseif char == "'" then
      local close = text:find("'", at + 1, true) or error("a quote is not closed", 0)
      add(text:sub(at + 1, close - 1), true)
      at = close
    elseif char == '"' then
      local piece = {}
      at = at + 1
      while text:sub(at, at) ~= '"' do
        local escaped = text:match('^\\([\\"$`])', at)
        if at > #text then error("a quote is not closed", 0) end
        piece[#piece + 1] = escaped or text:sub(at, at)
        at = at + (escaped and 2 or 1)
      end
      add(table.concat(piece), true)
    else
      add(char, false)
    end
    at = at + 1
  end
  if word then words[#words + 1] = word end
  return words, quoted
end
