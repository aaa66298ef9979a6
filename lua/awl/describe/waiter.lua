--- The page of a waiter.
local json = require "awl.json"
local example = require "awl.describe.example"

local function condition(acceptor)
  local expected = json.encode(acceptor.expected)
  if acceptor.matcher == "status" then return "the HTTP status is " .. expected end
  if acceptor.matcher == "error" then
    if acceptor.expected == true then return "any error" end
    if acceptor.expected == false then return "no error" end
    return "the error " .. tostring(acceptor.expected)
  end
  local how = acceptor.matcher == "pathAll" and "all of %s are %s"
    or acceptor.matcher == "pathAny" and "any of %s is %s" or "%s is %s"
  return how:format(acceptor.argument, expected)
end

--- Writes the page.
---@param context table page, catalog
---@param waiter table
return function(context, waiter)
  local page, catalog = context.page, context.catalog
  local operation = catalog.model:operation(waiter.operation)
  page:heading(("waiter %s of %s"):format(waiter.name, catalog.service.full_name))
  if operation then
    page:code(example.method_call(catalog, operation, "wait", waiter.method_name), 2)
  end
  page:gap()
  page:paragraph(("Calls %s every %d s, at most %d times, until"):format(
    operation and operation.method_name or waiter.operation, waiter.delay,
    waiter.max_attempts), 2)
  for _, acceptor in ipairs(waiter.acceptors) do
    page:entry(acceptor.state, condition(acceptor), 4, 13)
  end
end
