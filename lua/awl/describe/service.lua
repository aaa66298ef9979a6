--- The page of a service.
local function names_of(list)
  local names = {}
  for i, record in ipairs(list) do names[i] = record.method_name end
  table.sort(names)
  return names
end

local function count(catalog, kind)
  local number = 0
  for place in ipairs(catalog:shape_names()) do
    if kind(catalog:shape(place)) then number = number + 1 end
  end
  return number
end

local function write_names(page, title, names)
  if #names == 0 then return end
  page:heading(("%s (%d)"):format(title, #names))
  page:columns(names, 2)
end

local function write_facts(page, service)
  page:paragraph(('awl.client "%s"'):format(service.name), 2)
  local protocol = service.protocol
  if #service.protocols > 1 then
    protocol = ("%s (of %s)"):format(protocol, table.concat(service.protocols, ", "))
  end
  page:paragraph(("API version %s, protocol %s, endpoint prefix %s, service id %s"):format(
    service.api_version, protocol, service.endpoint_prefix, service.service_id), 2)
end

--- Writes the page.
---@param context table page, catalog, docs, brief
return function(context)
  local page, catalog = context.page, context.catalog
  local service = catalog.service
  page:heading(("%s: %s"):format(service.name, service.full_name))
  write_facts(page, service)
  local text = not context.brief and context.docs:text "service"
  if text then
    page:gap()
    page:documentation(text, 2)
  end
  write_names(page, "Operations", names_of(catalog:operations()))
  write_names(page, "Waiters", names_of(catalog:waiters()))
  page:gap()
  page:paragraph(("%d shapes, of them %d structures and %d errors."):format(
    #catalog:shape_names(),
    count(catalog, function(shape) return shape.type == "structure" and not shape.exception end),
    count(catalog, function(shape) return shape.exception end)), 0)
  page:paragraph(("`awl describe %s NAME` tells of an operation, a waiter or a shape."):format(
    service.name), 0)
end
