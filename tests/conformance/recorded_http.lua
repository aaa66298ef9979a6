-- Recorded HTTP: lists of events, of which each connection has its own.
local awl = require "awl"

local recorded = {}

function recorded.copy(headers)
  local copied = {}
  for name, value in pairs(headers) do copied[name] = value end
  return copied
end

local function headers_of(list)
  local headers = {}
  for name, values in pairs(list) do headers[name:lower()] = table.concat(values, ", ") end
  return headers
end

local function bytes_of(data) return data.Utf8 or awl.base64.decode(data.Base64) end

--- The exchanges in the order of their requests: { request = { uri, method, headers,
--- body }, response = { status, headers, pieces, complete } }. A response that lacks its
--- end was cut off by the recorder; one that lacks its status never came.
function recorded.read(document)
  local exchanges, open = {}, {}
  for _, event in ipairs(document.events) do
    local id, action = event.connection_id, event.action
    local exchange = open[id]
    if action.Request then
      local request = action.Request.request
      exchange = { request = { uri = request.uri, method = request.method, body = "",
        headers = headers_of(request.headers) } }
      exchanges[#exchanges + 1] = exchange
      open[id] = exchange
    elseif action.Response then
      local response = action.Response.response.Ok
      exchange.response = {
        status = response and response.status,
        headers = headers_of(response and response.headers or {}), pieces = {}, complete = false,
      }
    elseif action.Data and action.Data.direction == "Request" then
      exchange.request.body = exchange.request.body .. bytes_of(action.Data.data)
    elseif action.Data then
      table.insert(exchange.response.pieces, bytes_of(action.Data.data))
    elseif action.Eof and action.Eof.direction == "Response" and exchange.response then
      exchange.response.complete = action.Eof.ok
    end
  end
  return exchanges
end

--- The request as it was on the wire; `target` is path and query. Its Content-Length is
--- that of the body.
function recorded.to_bytes(request, target)
  local lines = {
    ("%s %s HTTP/1.1"):format(request.method, target),
    "host: " .. request.uri:match "^https?://([^/]+)",
  }
  for name, value in pairs(request.headers) do
    if name ~= "host" and name ~= "content-length" then
      lines[#lines + 1] = name .. ": " .. value
    end
  end
  if request.headers["content-length"] or request.body ~= "" then
    lines[#lines + 1] = "content-length: " .. #request.body
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. request.body
end

return recorded
