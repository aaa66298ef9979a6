--- Requests to any web server, for scripts; awl/types/http.lua is the manual.
local check_options = require "awl.check_options"
local core = require "awl.core.http"
local errors = require "awl.core.error"
local task = require "awl.core.task"

local PIECE = 256 << 10 -- bytes of an upload handed over at once
local REDIRECTS = 10
local SHOWN = 64 << 10 -- of a streamed answer's body that an error keeps

-- What the core takes as it is.
local PASSED = {
  url = "string", timeout = "number", connect_timeout = "number", read_timeout = "number",
  max_body = "number", ca_bundle = "string", client_cert = "string", client_key = "string",
  stream = "boolean", repeatable = "boolean",
}

local OPTIONS = {
  method = "string", headers = "table", body = "any", json = "any", raise = "boolean",
  follow_redirects = "boolean or number", proxy = "string or boolean", verify_ssl = "boolean",
}
for name, kind in pairs(PASSED) do OPTIONS[name] = kind end

-- What a redirect to another origin must not take along.
local SECRET_FIELDS = { authorization = true, cookie = true, ["proxy-authorization"] = true }

-- ---- the request ----

local function has_field(headers, wanted)
  for name in pairs(headers) do
    if type(name) == "string" and name:lower() == wanted then return true end
  end
  return false
end

local function without_fields(headers, is_unwanted)
  local kept = {}
  for name, value in pairs(headers) do
    if not is_unwanted(name:lower()) then kept[name] = value end
  end
  return kept
end

local function has_method(value, name)
  local ok, method = pcall(function() return value[name] end)
  return ok and type(method) == "function"
end

--- Makes `body` the request's: text, or where it is to be had.
local function set_body(request, body, level)
  request.body, request.source = nil, nil
  request.upload, request.upload_length, request.start = nil, nil, nil
  if body == nil then return end
  if type(body) == "string" then
    request.body = body
    return
  end
  if type(body) ~= "function" and not has_method(body, "read") then
    error(("http: the body must be a string, a file or a function, got %s"):format(type(body)),
      level + 1)
  end
  request.source, request.upload = body, true
  if type(body) ~= "function" and has_method(body, "seek") then
    request.start = body:seek("cur", 0)
    request.upload_length = body:seek("end", 0) - request.start
    body:seek("set", request.start)
  end
end

local function request_of(options, level)
  check_options(options, OPTIONS, "awl.http", level + 1)
  if not options.url then error("awl.http: a URL is needed", level + 1) end
  local request, headers = {}, {}
  for name in pairs(PASSED) do request[name] = options[name] end
  for name, value in pairs(options.headers or {}) do headers[name] = value end
  request.headers = headers
  request.insecure = options.verify_ssl == false
  request.direct = options.proxy == false
  request.proxy = options.proxy or nil

  local body = options.body
  if options.json ~= nil then
    if body ~= nil then error("http: either json or body", level + 1) end
    body = require "awl.json".encode(options.json)
    if not has_field(headers, "content-type") then headers["Content-Type"] = "application/json" end
  end
  set_body(request, body, level + 1)
  request.method = (options.method or (body ~= nil and "POST" or "GET")):upper()
  return request
end

-- ---- one exchange ----

local function pieces_of(source)
  if type(source) == "function" then return source end
  return function() return source:read(PIECE) end
end

local function check_length(have, announced, ended)
  if announced and (have > announced or (ended and have < announced)) then
    error(errors.new { kind = "input", code = "UploadError",
      message = ("the upload's source gave %d bytes where %d were announced"):format(
        have, announced) }, 0)
  end
end

local function feed(exchange, request)
  local have = 0
  for piece in pieces_of(request.source) do
    if type(piece) ~= "string" then
      error(errors.new { kind = "input", code = "UploadError",
        message = ("the upload's source gave a %s where a string was expected"):format(
          type(piece)) }, 0)
    end
    have = have + #piece
    check_length(have, request.upload_length)
    for from = 1, #piece, PIECE do
      local part = #piece <= PIECE and piece or piece:sub(from, from + PIECE - 1)
      if not exchange:feed(part) then return end
    end
  end
  check_length(have, request.upload_length, true)
  exchange:feed_end()
end

local function exchange_of(request)
  if not request.source and not request.stream then return core.request(request) end
  local exchange <close> = core.start(request)
  local answer
  do
    local group <close> = task.group()
    local feeder = request.source and group:spawn(feed, exchange, request)
    answer = exchange:head()
    if feeder then
      -- An upload that the server has refused, or answered whole, needs no more bytes.
      if not request.stream or answer.status >= 400 then feeder:cancel() else feeder:await() end
    end
  end
  if request.stream then answer.body = exchange:body() end
  return answer
end

-- ---- redirects ----

local FOLLOWED = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

--- As browsers do: 303 asks for something else, 301 and 302 of a POST have come to.
local function becomes_get(status, method)
  if status == 303 then return method ~= "HEAD" end
  return (status == 301 or status == 302) and method == "POST"
end

local function rewind(request)
  if not request.source then return end
  if not request.start then
    error(errors.new { kind = "transport", code = "NotResent",
      message = "a redirect asks for the body again, and its source cannot go back" }, 0)
  end
  request.source:seek("set", request.start)
end

local function redirect(request, status, location)
  local url, same_origin = core.redirect(request.url, location)
  if not url then
    error(errors.new { kind = "transport", code = "InvalidRedirect", status = status,
      message = "the answer leads to something that is no http or https URL" }, 0)
  end
  if becomes_get(status, request.method) then
    request.method = "GET"
    set_body(request, nil, 1)
    request.headers = without_fields(request.headers, function(name)
      return name:match "^content%-" ~= nil
    end)
  else
    rewind(request)
  end
  if not same_origin then
    request.headers = without_fields(request.headers, function(name) return SECRET_FIELDS[name] end)
    request.client_cert, request.client_key = nil, nil
  end
  request.url = url
end

local function redirects_of(options)
  local follow = options.follow_redirects
  if not follow then return nil end
  return follow == true and REDIRECTS or follow
end

local function answer_of(request, redirects)
  local deadline = request.timeout and task.now() + request.timeout
  local followed = 0
  while true do
    local answer = exchange_of(request)
    local location = answer.headers.location
    if not redirects or (location or "") == "" or not FOLLOWED[answer.status] then
      answer.url = request.url
      return answer
    end
    if request.stream then answer.body:close() end
    if followed == redirects then
      error(errors.new { kind = "transport", code = "TooManyRedirects", status = answer.status,
        message = ("the answer is yet another redirect after %d"):format(followed) }, 0)
    end
    followed = followed + 1
    redirect(request, answer.status, location)
    if deadline then request.timeout = math.max(deadline - task.now(), 0.001) end
  end
end

-- ---- what scripts call ----

--- The path and the query may be secrets, as those of webhooks are.
local function raise_status(request, answer)
  if request.stream then
    local body <close> = answer.body
    local ok, text = pcall(body.read, body, SHOWN)
    if not ok and errors.is_canceled(text) then error(text, 0) end
    answer.body = ok and text or ""
  end
  local host = request.url:match "^%a+://[^/?#]*" or ""
  error(errors.new { kind = "service", code = "HttpStatus", status = answer.status,
    response = answer, retryable = answer.status >= 500 or answer.status == 429,
    message = ("%s of %s was answered with status %d"):format(
      request.method, host:gsub("//[^@]*@", "//"), answer.status) }, 0)
end

local function send(options, level)
  local request = request_of(options, level + 1)
  local answer = answer_of(request, redirects_of(options))
  if options.raise and answer.status >= 400 then raise_status(request, answer) end
  return answer
end

local http = {}

---@param options awl.HttpRequest
---@return awl.HttpResponse
function http.request(options)
  if type(options) ~= "table" then
    error(("bad argument #1 to 'request' (table expected, got %s)"):format(type(options)), 2)
  end
  return (send(options, 2)) -- no tail call: errors count the levels
end

local function method(name)
  return function(url, options)
    if options ~= nil and type(options) ~= "table" then
      error(("bad argument #2 to '%s' (table expected, got %s)"):format(name:lower(), type(options)), 2)
    end
    local all = { url = url, method = name }
    for key, value in pairs(options or {}) do all[key] = value end
    all.url, all.method = url, name
    return (send(all, 2))
  end
end

for _, name in ipairs { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" } do
  http[name:lower()] = method(name)
end

return http
