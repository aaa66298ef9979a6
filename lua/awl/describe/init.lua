--- What the models say of a service, as text or as data: what `awl describe` shows.
local new_catalog = require "awl.describe.catalog"
local new_docs = require "awl.describe.docs"

local describe = {}

local DEPTH = 3

---@class awl.describe.Context
---@field catalog awl.describe.Catalog
---@field docs awl.describe.Docs
---@field depth integer levels of structures within structures that pages show
---@field brief boolean? pages without documentation
---@field page awl.describe.Page? what is being written

---@class awl.describe.Options
---@field depth integer? default 3
---@field brief boolean?
---@field api_version string? default: the newest

--- Raises for an unknown service.
---@param service string
---@param options awl.describe.Options?
---@return awl.describe.Context
function describe.open(service, options)
  local catalog = new_catalog(service, options and options.api_version)
  return {
    catalog = catalog, docs = new_docs(catalog.service.name),
    depth = options and options.depth or DEPTH, brief = options and options.brief,
  }
end

--- What there is by that name, in any style: "operation", "shape" or "waiter" and its
--- record; "service" for no name. Nil and a message when there is none.
---@param context awl.describe.Context
---@param name string?
---@return string?, table|string|nil
function describe.find(context, name)
  if not name then return "service" end
  local kind, record = context.catalog:find(name)
  if kind then return kind, record end
  return nil, ("%s has no operation, shape or waiter '%s'%s"):format(
    context.catalog.service.name, name, context.catalog:did_you_mean(name))
end

local function write_footer(context, cut)
  local page = context.page
  page:gap()
  if cut then
    page:paragraph(("{...} has members: --depth %d shows them, or `awl describe %s SHAPE`.")
      :format(context.depth + 1, context.catalog.service.name), 0)
  end
  if not context.docs:exists() then
    page:paragraph("No documentation here; `awl models update DIR` adds it (see its --help).", 0)
  end
end

--- Writes what find() has found to the context's page.
---@param context awl.describe.Context
---@param kind string
---@param record table?
function describe.write(context, kind, record)
  write_footer(context, require("awl.describe." .. kind)(context, record))
end

--- The same as a table for JSON, whole whatever the depth.
---@param context awl.describe.Context
---@param kind string
---@param record table?
---@return table
function describe.data(context, kind, record)
  return require("awl.describe.data")[kind](context, record)
end

return describe
