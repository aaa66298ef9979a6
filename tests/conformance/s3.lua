-- The suite of S3: addresses of buckets, and recorded exchanges, which a client is to
-- repeat.
--
--     awl run s3.lua FOLDER
--
-- A recording is taken apart by the codecs of the server's side, which give the operation
-- and its input; the client's request for these must be the recorded one, and the
-- recorded answer, given by a server on the loopback interface, must be taken for what it
-- is. Signatures of requests cover the recorder's user agent and are not compared; those
-- of chunks and trailers are: aws_s3.c.
local awl = require "awl"
local client_core = require "awl.core.client"
local process = require "awl.core.process"
local recording = dofile((arg[0]:match "^(.*/)" or "") .. "recorded_http.lua")
local server_core = require "awl.core.server"
local testing = require "awl.core.testing"

local folder = assert(arg[1], "usage: awl run s3.lua FOLDER")
local NOW = 1234567890 -- 20090213T233130Z
local KEY, SECRET = "ANOTREAL", "notrealrnrELgWzOk3IfjzDKtFBhDby"
local passed, failed = 0, 0

local function report(name, problem)
  if problem then
    failed = failed + 1
    print(("FAIL s3 %s: %s"):format(name, problem))
  else
    passed = passed + 1
  end
end

-- ---- addresses ----

local function check_address(case)
  local ok, result = pcall(function()
    return awl.client("s3", {
      region = case.Region,
      addressing_style = case.ConfiguredAddressingStyle == "path" and "path" or nil,
      use_dualstack_endpoint = case.UseDualstack,
      use_accelerate_endpoint = case.UseS3Accelerate,
      s3_us_east_1_regional_endpoint = case.S3RegionalEndpoint,
      credentials = { access_key_id = KEY, secret_access_key = SECRET },
    }):prepare("ListObjects", { Bucket = case.Bucket }).url:match "^[^?]+":gsub("/$", "")
  end)
  if case.ExpectedUri == "Error" then return ok and result .. " instead of an error" or nil end
  if not ok then return tostring(result) end
  if result ~= case.ExpectedUri then
    return ("%s instead of %s"):format(result, case.ExpectedUri)
  end
end

local function run_addresses(path)
  for i, case in ipairs(awl.json.decode(awl.fs.read_file(path))) do
    report(("uri-addressing #%d %s"):format(i, case.Bucket), check_address(case))
  end
end

-- ---- from recorded requests to calls ----

local wire = server_core.wire "s3"
local listening = server_core.listen()

--- Calls fn with the request as a server gets it. Only bytes on a socket bring a request
--- there that no client of ours has made.
local function with_exchange(request, target, fn)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "wb"))
  file:write(recording.to_bytes(request, target))
  file:close()
  local sender <close> = process.start({ "bash", "-c",
    'exec 3<>/dev/tcp/127.0.0.1/$0 && cat "$1" >&3 && cat <&3 >/dev/null',
    tostring(listening:port()), path }, { stdin = "null", stderr = "null" })
  local exchange <close> = listening:accept()
  os.remove(path)
  fn(exchange)
  exchange:respond { status = 204, headers = { connection = "close" } }
  sender:wait()
end

--- Bucket and path of a request; the bucket is in the host or the first of the path.
local function path_style(request)
  local host, path = request.uri:match "^https?://([^/]+)(.*)$"
  local bucket = host:match "^(.+)%.s3[%w%-]*%." or host:match "^(.+)%.s3express%-"
  return bucket and "/" .. bucket .. path or path
end

--- A source that is read once, as a stream is.
local function stream(text)
  return function()
    local piece = text
    text = nil
    return piece
  end
end

--- The input to prepare: what was recorded as a stream is one, and its checksum is the
--- client's to find.
local function to_prepare(call)
  if not call.is_stream then return call.input end
  local input = recording.copy(call.input)
  input.ContentLength, input.Body = #input.Body, stream(input.Body)
  for name in pairs(call.input) do
    if name:find "^Checksum" and name ~= "ChecksumAlgorithm" then input[name] = nil end
  end
  return input
end

local function call_of(request)
  local operation, input
  with_exchange(request, path_style(request), function(exchange)
    operation = assert(wire:match(exchange), "no operation for " .. request.uri)
    input = wire:read_input(operation, exchange)
  end)
  return { operation = operation, input = input,
    is_stream = request.headers["x-amz-trailer"] ~= nil }
end

-- ---- what the client sends ----

--- Names of query parameters that only one side sends.
local function normal_query(query, recorded)
  local pairs_of = {}
  for pair in query:gmatch "[^&]+" do
    pair = pair:find "=" and pair or pair .. "="
    local ours = pair == "encoding-type=url" and not recorded:find("encoding-type", 1, true)
    if not ours and not pair:find "^x%-id=" then pairs_of[#pairs_of + 1] = pair end
  end
  table.sort(pairs_of)
  return table.concat(pairs_of, "&")
end

local NOT_COMPARED = {
  ["user-agent"] = true, ["x-amz-user-agent"] = true, ["authorization"] = true,
  ["content-length"] = true, -- the transport's
  ["amz-sdk-invocation-id"] = true, -- random
}

local function scope(authorization)
  return authorization and authorization:match "Credential=([^,]+)"
end

--- Over TLS awl leaves chunks unsigned, which S3 takes for the same.
local function unsigned(name, value)
  return name == "x-amz-content-sha256"
    and value == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    and "STREAMING-UNSIGNED-PAYLOAD-TRAILER" or value
end

--- How the sent request differs from the recorded one, or nil.
local function compare(sent, recorded)
  if sent.method ~= recorded.method then return "method " .. sent.method end
  local url, query = sent.url:match "^([^?]*)%??(.*)$"
  local wanted_url, wanted_query = recorded.uri:match "^([^?]*)%??(.*)$"
  if url ~= wanted_url then return ("%s instead of %s"):format(url, wanted_url) end
  if normal_query(query, wanted_query) ~= normal_query(wanted_query, wanted_query) then
    return ("query %s instead of %s"):format(query, wanted_query)
  end
  local headers = {}
  for name, value in pairs(sent.headers) do headers[name:lower()] = value end
  if scope(headers.authorization) ~= scope(recorded.headers.authorization) then
    return "signed for " .. tostring(scope(headers.authorization))
  end
  for name, value in pairs(recorded.headers) do
    local is_retry = name == "amz-sdk-request" and not value:find("attempt=1", 1, true)
    if not NOT_COMPARED[name] and not is_retry and headers[name] ~= unsigned(name, value) then
      return ("%s: %s instead of %s"):format(name, headers[name], value)
    end
  end
end

-- ---- what the client makes of the answers ----

--- Answers one request with the recorded bytes.
local function answer(server, response)
  local exchange <close> = server:accept()
  if not response.status then return exchange:reset() end
  local headers = recording.copy(response.headers)
  headers["transfer-encoding"] = nil
  headers.connection = "close"
  if response.complete then
    exchange:respond { status = response.status, headers = headers,
      body = table.concat(response.pieces) }
  else
    exchange:begin { status = response.status, headers = headers }
    while not exchange:closed() do awl.sleep(0.01) end
  end
end

--- The call, made to a server that gives the recorded answer: its output, the body read.
local function replay(operation, input, response)
  local server = server_core.listen()
  local answering = awl.spawn(answer, server, response)
  local client = awl.client("s3", {
    region = "us-east-1", sign = false, max_attempts = 1,
    endpoint_url = ("http://127.0.0.1:%d"):format(server:port()),
  })
  local ok, output = pcall(function()
    local output = client:call(operation, input)
    if type(output.Body) == "userdata" then
      if response.complete then output.Body = output.Body:read "a" else output.Body:close() end
    end
    return output
  end)
  server:close()
  answering:await()
  return ok, output
end

--- What is wrong with what became of the answer, or nil.
local function check_answer(operation, recorded, ok, output)
  local response = recorded.response
  if not response.status then return ok and operation .. " succeeded without an answer" or nil end
  local announced = tonumber(response.headers["content-length"])
  local body = table.concat(response.pieces)
  local is_short = response.complete and recorded.request.method ~= "HEAD"
    and announced and announced ~= #body
  if is_short or response.status >= 300 then
    return ok and ("%s succeeded with %d of %s bytes"):format(operation, #body, announced) or nil
  end
  if not ok then return tostring(output) end
  if type(output.Body) == "string" and output.Body ~= body then return "another body" end
  if announced and output.ContentLength and output.ContentLength ~= announced then
    return "ContentLength " .. output.ContentLength
  end
end

-- ---- a recording ----

local function options_of(exchanges)
  local first = exchanges[1].request
  local authorization = first.headers.authorization
  local host = "." .. first.uri:match "^https?://([^/]+)"
  return {
    region = authorization and authorization:match "Credential=[^/]+/%d+/([^/]+)/"
      or host:match "%.s3[%.%-]([%w%-]+)%.amazonaws" or "us-east-1",
    sign = authorization ~= nil,
    max_attempts = tonumber((first.headers["amz-sdk-request"] or ""):match "max=(%d+)"),
    credentials = { access_key_id = KEY, secret_access_key = SECRET },
  }
end

--- The time of a recorded request, where it says that.
local function set_clock(exchange)
  local date = exchange and exchange.request.headers["x-amz-date"]
  local iso = date and date:gsub("^(....)(..)(..T..)(..)(..Z)$", "%1-%2-%3:%4:%5")
  testing.fake_clock(iso and awl.time.parse(iso) or NOW)
end

--- Makes the calls of a recording. Sessions are the client's own business: it must ask
--- for them where they are recorded, and only there.
local function run_calls(exchanges, calls, client)
  local at, problem, busy = 0, nil, false

  local function step(operation, input, request)
    at = at + 1
    local recorded = exchanges[at]
    if not recorded or calls[at].operation ~= operation then
      problem = problem or operation .. " was not recorded here"
      return {}
    end
    problem = problem or compare(request, recorded.request)
    local ok, output = replay(operation, input, recorded.response)
    problem = problem or check_answer(operation, recorded, ok, output)
    return ok and output or {}
  end

  client_core.set_gate(function(_, operation, input)
    if operation ~= "CreateSession" or busy then return nil end
    busy = true
    local output = step(operation, input, client:prepare(operation, input))
    busy = false
    return output
  end)
  for _, call in ipairs(calls) do
    if call.operation ~= "CreateSession" and not problem then
      set_clock(exchanges[at + 1])
      local request = client:prepare(call.operation, to_prepare(call))
      busy = true
      step(call.operation, call.input, request)
      busy = false
    end
  end
  client_core.set_gate(nil)
  return problem
end

local function check_recording(text)
  local exchanges = recording.read(awl.json.decode(text))
  local calls = {}
  for i, exchange in ipairs(exchanges) do
    calls[i] = call_of(exchange.request)
  end
  set_clock(exchanges[1])
  local problem = run_calls(exchanges, calls, awl.client("s3", options_of(exchanges)))
  testing.real_clock()
  return problem
end

local function run_recordings(path, name)
  for _, entry in ipairs(awl.fs.list(path)) do
    local child = path .. "/" .. entry
    local base = entry:match "^(.+)%.json$"
    if base then
      local ok, problem = pcall(check_recording, awl.fs.read_file(child))
      report(name .. base, not ok and tostring(problem) or problem)
    else
      run_recordings(child, name .. entry .. "/")
    end
  end
end

if awl.fs.exists(folder .. "/uri-addressing.json") then
  run_addresses(folder .. "/uri-addressing.json")
end
if awl.fs.exists(folder .. "/http-recordings") then
  run_recordings(folder .. "/http-recordings", "")
end
listening:close()
print(("s3: %d passed, %d failed, 0 skipped"):format(passed, failed))
if failed > 0 then os.exit(1) end
