-- Stands in for a machine, in the process of one case: its files, its time, and the
-- services that it can reach, which give recorded answers.
local awl = require "awl"
local client_core = require "awl.core.client"
local fs_core = require "awl.core.fs"
local http = require "awl.core.http"
local lock = require "awl.core.lock"
local recording = dofile(... .. "recorded_http.lua")
local server_core = require "awl.core.server"
local testing = require "awl.core.testing"

local replay = {}

-- ---- files ----

--- From now on every path is one below `root`, also a relative one.
function replay.files(root)
  local function inside(fn)
    return function(path, ...) return fn(root .. "/" .. path, ...) end
  end
  for _, name in ipairs { "open", "stat", "list", "mkdir", "unlink", "rmdir", "others_may_read" } do
    fs_core[name] = inside(fs_core[name])
  end
  local rename = fs_core.rename
  fs_core.rename = function(from, to) return rename(root .. "/" .. from, root .. "/" .. to) end
  lock.try = inside(lock.try)
  io.open = inside(io.open) -- luacheck: ignore
end

--- Puts a file there.
function replay.write_file(path, text)
  local folder = path:match "^(.*)/[^/]*$"
  if folder and folder ~= "" then awl.fs.mkdir(folder, { parents = true }) end
  awl.fs.write_file(path, text)
end

-- ---- exchanges ----

local function simple_exchange(item)
  local function headers_of(list)
    local headers = {}
    for name, value in pairs(list or {}) do headers[name:lower()] = value end
    return headers
  end
  return {
    request = { uri = item.request.uri, method = item.request.method,
      body = item.request.body or "", headers = headers_of(item.request.headers) },
    response = { status = item.response.status, headers = headers_of(item.response.headers),
      pieces = { item.response.body or "" }, complete = true },
  }
end

--- The exchanges of a file with recorded traffic, in either of its forms.
function replay.read(document)
  if document.events then return recording.read(document) end
  local exchanges = {}
  for i, item in ipairs(document) do exchanges[i] = simple_exchange(item) end
  return exchanges
end

--- The time of the recording, where an answer tells it: what was to expire later then has
--- not expired.
function replay.set_clock(exchanges)
  for _, exchange in ipairs(exchanges) do
    local date = exchange.response and exchange.response.headers.date
    if date then return testing.fake_clock(awl.time.parse(date)) end
  end
end

-- ---- comparing requests ----

local function sorted_pairs(text)
  local list = {}
  for pair in text:gmatch "[^&]+" do list[#list + 1] = pair end
  table.sort(list)
  return table.concat(list, "&")
end

local function parts(uri)
  local base, query = uri:match "^([^?]*)%??(.*)$"
  return base:gsub("/$", ""), sorted_pairs(query)
end

-- The action, and the names of the other parameters: session names are each SDK's own,
-- and recorded roles and tokens are not those that the cases are configured with.
local function form_outline(body)
  local list = {}
  for name, value in body:gmatch "([^&=]+)=([^&]*)" do
    list[#list + 1] = (name == "Action" or name == "Version") and name .. "=" .. value or name
  end
  table.sort(list)
  return table.concat(list, "&")
end

local COMPARED = {
  "x-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds",
  "x-amz-sso_bearer_token", "accept",
}

local function signer(authorization)
  return authorization and authorization:match "Credential=([^/]+)"
end

--- How what is sent differs from what was recorded, or nil.
local function difference(sent, recorded)
  if sent.method ~= recorded.method then
    return ("%s instead of %s"):format(sent.method, recorded.method)
  end
  local base, query = parts(sent.url)
  local wanted_base, wanted_query = parts(recorded.uri)
  if base ~= wanted_base or query ~= wanted_query then
    return ("%s instead of %s"):format(sent.url, recorded.uri)
  end
  local headers = {}
  for name, value in pairs(sent.headers or {}) do headers[name:lower()] = value end
  for _, name in ipairs(COMPARED) do
    local wanted = recorded.headers[name]
    if wanted and headers[name] ~= wanted then
      return ("%s: %s instead of %s"):format(name, headers[name], wanted)
    end
  end
  local authorization = recorded.headers.authorization
  if signer(authorization) ~= signer(headers.authorization)
    or (authorization and not signer(authorization) and headers.authorization ~= authorization) then
    return "another authorization than the recorded one"
  end
  if form_outline(sent.body or "") ~= form_outline(recorded.body) then
    return ("the parameters %s instead of %s"):format(form_outline(sent.body or ""),
      form_outline(recorded.body))
  end
end

-- ---- answering ----

--- Gives the recorded bytes.
local function answer(exchange, response)
  if not response.status then return exchange:reset() end
  local headers = recording.copy(response.headers)
  headers["transfer-encoding"], headers["content-length"] = nil, nil
  headers.connection = "close"
  exchange:respond { status = response.status, headers = headers,
    body = table.concat(response.pieces) }
end

--- The call, made to a server that gives the recorded answers: `take()` is the next, for
--- each attempt of the call.
local function call_of(client, operation, input, take)
  local server = server_core.listen()
  local answering = awl.spawn(function()
    for exchange in server.accept, server do
      local closing <close> = exchange
      local ok, response = pcall(take)
      if not ok then return server:close() end
      answer(exchange, response)
    end
  end)
  local ok, output = pcall(function()
    return client:with {
      endpoint_url = ("http://127.0.0.1:%d"):format(server:port()), sign = false,
      use_fips_endpoint = false, use_dualstack_endpoint = false,
    }:call(operation, input)
  end)
  server:close()
  answering:await()
  if ok then return output end
  error(output, 0)
end

--- Calls of AWS go to `on_call(client, operation, input, request)`, which gives the output
--- or raises; `request` is what would have been sent. Other requests go to `on_request`.
function replay.intercept(on_call, on_request)
  local busy = false
  client_core.set_gate(function(client, operation, input)
    if busy then return nil end
    busy = true
    local closing <close> = setmetatable({}, { __close = function() busy = false end })
    return on_call(client, operation, input, client:prepare(operation, input))
  end)
  http.request = on_request
end

-- These recordings were made before the metadata service had its newer API: a service
-- without it says so.
local function is_newer_metadata(url) return url:find("/security-credentials-extended", 1, true) end

--- From now on only these exchanges take place, in their order. Returns a function that
--- tells what went another way, or nil.
function replay.exchanges(exchanges)
  local at, problem = 0, nil

  local function take(request)
    local exchange = exchanges[at + 1]
    local what = not exchange and request.url .. " was not recorded"
      or difference(request, exchange.request)
    if what then
      problem = problem or what
      error("not as recorded: " .. what, 0)
    end
    at = at + 1
    return exchange.response
  end

  replay.intercept(function(client, operation, input, request)
    return call_of(client, operation, input, function() return take(request) end)
  end, function(request)
    request.method = request.method or "GET"
    if is_newer_metadata(request.url) then return { status = 404, headers = {}, body = "" } end
    local response = take(request)
    return { status = response.status, headers = response.headers,
      body = table.concat(response.pieces) }
  end)

  return function()
    if problem then return problem end
    return at < #exchanges and ("%d of %d recorded requests were made"):format(at, #exchanges)
      or nil
  end
end

return replay
