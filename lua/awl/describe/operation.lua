--- The page of an operation.
local example = require "awl.describe.example"
local new_tree = require "awl.describe.members"
local types = require "awl.describe.types"

local MOST_OUTPUTS = 8 -- named in the signature
local LONGEST_FIXED = 60 -- of a name with its type on one line of the signature

local function inputs(catalog, operation)
  local words, optional = {}, false
  for _, member in ipairs(operation.input and catalog:shape(operation.input).members or {}) do
    if member.required and not member.idempotency_token then
      local name = types.name(catalog, catalog:shape(member.shape))
      words[#words + 1] = ("%s = %s"):format(member.name, name)
    else
      optional = true
    end
  end
  if optional then words[#words + 1] = "..." end
  return words
end

local function outputs(catalog, operation)
  local words = {}
  for _, member in ipairs(operation.output and catalog:shape(operation.output).members or {}) do
    if #words == MOST_OUTPUTS then
      words[#words + 1] = "..."
      break
    end
    words[#words + 1] = member.name
  end
  return words
end

local function braces(page, words)
  for i, word in ipairs(words) do
    if #word <= LONGEST_FIXED then words[i] = page.fixed(word) end
  end
  return page.fixed "{ " .. table.concat(words, ", ") .. page.fixed " }"
end

--- lambda:invoke { FunctionName = string, ... } -> { StatusCode, Payload }
local function signature(page, catalog, operation)
  local from, to = inputs(catalog, operation), outputs(catalog, operation)
  local method = ("%s:%s"):format(example.variable(catalog.service.name),
    example.method(operation))
  return method .. (#from > 0 and " " .. braces(page, from) or "()")
    .. (#to > 0 and " " .. page.fixed "-> " .. braces(page, to) or "")
end

local function token_member(catalog, operation)
  for _, member in ipairs(operation.input and catalog:shape(operation.input).members or {}) do
    if member.idempotency_token then return member.name end
  end
end

local READING, IDEMPOTENT = { GET = true, HEAD = true }, { PUT = true, DELETE = true }

--- What awl does when a call was sent and not answered; see call/repeatable.h.
local function repeatable_text(catalog, operation)
  if not operation.repeatable then
    return "Never sent again once sent and not answered (err.unknown_outcome): it might have "
      .. "effect twice."
  elseif operation.readonly or READING[operation.http_method] then
    return "Only reads: sent again when there is no answer."
  elseif operation.idempotency_token then
    return ("Sent again when there is no answer: the idempotency token %s keeps it from "
      .. "having effect twice."):format(token_member(catalog, operation) or "")
  elseif operation.idempotent or IDEMPOTENT[operation.http_method] then
    return "Sent again when there is no answer: done twice it has the effect of once."
  end
  return "Only reads, by its name: sent again when there is no answer."
end

local NOTES = {
  { "deprecated", "Deprecated." },
  { "no_auth", "Needs no credentials." },
  { "compress_gzip", "A large input is sent compressed." },
  { "event_stream_input", "The input has an event stream." },
  { "event_stream_output", "The output has an event stream." },
}

local function write_notes(context, operation)
  local page = context.page
  page:paragraph(repeatable_text(context.catalog, operation), 2)
  for _, note in ipairs(NOTES) do
    if operation[note[1]] then page:paragraph(note[2], 2) end
  end
end

local function write_members(context, title, place, output)
  local shape = place and context.catalog:shape(place)
  context.page:heading(shape and ("%s (%s)"):format(title, shape.name) or title)
  if not shape or #shape.members == 0 then return context.page:line "  nothing" end
  local tree = new_tree(context, output)
  tree:write(shape, 2)
  return tree.cut
end

local function code_of(shape) return shape.error_code or shape.name end

local function error_text(shape)
  local parts = {}
  types.add_error(shape, "shape " .. shape.name, parts)
  return table.concat(parts, ", ")
end

local function write_errors(context, operation)
  if #operation.errors == 0 then return end
  context.page:heading "Errors (err.code)"
  local widest, shapes = 0, {}
  for i, place in ipairs(operation.errors) do
    shapes[i] = context.catalog:shape(place)
    widest = math.max(widest, #code_of(shapes[i]))
  end
  table.sort(shapes, function(a, b) return code_of(a) < code_of(b) end)
  local column = math.min(widest, 44) + 4
  for _, shape in ipairs(shapes) do
    context.page:entry(code_of(shape), error_text(shape), 2, column)
    local text = not context.brief and context.docs:text("shape", shape.name)
    if text then context.page:documentation(text, 6, true) end
  end
end

local function write_paginator(context, operation)
  local paginator = operation.paginator
  if not paginator then return end
  local page = context.page
  local method = example.method(operation)
  local function write(before, after)
    local call = example.method_call(context.catalog, operation, "pages", method, before, after)
    page:code(call .. "\nend", 2)
  end
  page:heading "Pages"
  write("for page in ", " do")
  if #paginator.result_keys > 0 then write("for item in ", ":items() do") end
  local parts = {}
  if #paginator.result_keys > 0 then
    parts[#parts + 1] = "items: " .. table.concat(paginator.result_keys, ", ")
  end
  if paginator.limit_key then parts[#parts + 1] = "page size: " .. paginator.limit_key end
  parts[#parts + 1] = ("token: %s, from %s"):format(table.concat(paginator.input_tokens, ", "),
    table.concat(paginator.output_tokens, ", "))
  page:paragraph(table.concat(parts, "; "), 2)
end

local function write_waiters(context, operation)
  local titled
  for _, waiter in ipairs(context.catalog:waiters()) do
    if waiter.operation == operation.name then
      if not titled then context.page:heading "Waiters" end
      titled = true
      context.page:code(example.method_call(context.catalog, operation, "wait",
        waiter.method_name), 2)
      context.page:paragraph(("asks every %d s, at most %d times"):format(waiter.delay,
        waiter.max_attempts), 6)
    end
  end
end

--- Writes the page.
---@param context table page, catalog, docs, depth, brief
---@param operation table
return function(context, operation)
  local page, catalog = context.page, context.catalog
  page:heading(("%s of %s"):format(operation.name, catalog.service.full_name))
  page:wrap(signature(page, catalog, operation), "  ", 6)
  local text = not context.brief and context.docs:text("operation", operation.name)
  if text then
    page:gap()
    page:documentation(text, 2)
  end
  page:gap()
  write_notes(context, operation)
  page:heading "Example"
  page:code(example.call(catalog, operation), 2)
  local cut = write_members(context, "Input", operation.input, false)
  cut = write_members(context, "Output", operation.output, true) or cut
  write_errors(context, operation)
  write_paginator(context, operation)
  write_waiters(context, operation)
  return cut
end
