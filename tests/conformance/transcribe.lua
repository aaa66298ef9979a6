-- Recorded streams of StartStreamTranscription, played by a server of our own: what awl
-- sends is compared with what was sent, what a script gets with what was answered.
--
--     AWS_DATA_PATH=tests/conformance/models awl run transcribe.lua FOLDER
--
-- The models of botocore have no such service: tests/conformance/models has a small one.
-- Signatures differ, so the messages within the signed ones are compared.
local awl = require "awl"
local core = require "awl.core.server"

local folder = assert(arg[1], "usage: awl run transcribe.lua FOLDER") .. "/transcribe"
local passed, failed = 0, 0
local CHUNK = 8192

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do if not equal(value, b[key]) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:read "a"
  file:close()
  return bytes
end

local function names(pattern)
  local found = {}
  local listing = io.popen(("ls '%s' 2>/dev/null"):format(folder:gsub("'", "'\\''")))
  for name in listing:lines() do
    if name:match(pattern) then found[#found + 1] = name end
  end
  listing:close()
  return found
end

--- The messages in a string of frames: their text headers and payloads.
local function frames(bytes)
  local all, at = {}, 1
  while at <= #bytes do
    local total, head = (">I4I4"):unpack(bytes, at)
    local message, stop = { headers = {} }, at + 12 + head
    local here = at + 12
    while here < stop do
      local name, kind
      name, kind, here = (">s1I1"):unpack(bytes, here)
      if kind == 6 or kind == 7 then
        message.headers[name], here = (">s2"):unpack(bytes, here)
      else
        here = here + (({ [2] = 1, [3] = 2, [4] = 4, [5] = 8, [8] = 8, [9] = 16 })[kind] or 0)
      end
    end
    message.payload = bytes:sub(stop, at + total - 5)
    all[#all + 1] = message
    at = at + total
  end
  return all
end

--- What the signed messages hold; the empty one at the end is "".
local function inner(bytes)
  local all = {}
  for i, message in ipairs(frames(bytes)) do
    all[i] = message.payload ~= "" and frames(message.payload)[1] or ""
  end
  return all
end

local function load_case(path)
  local recording = awl.json.decode(read(path))
  local case = { pieces = {}, sent = {} }
  for _, event in ipairs(recording.events or recording) do
    local action = event.action
    if action.Request then case.request = action.Request.request end
    if action.Response then case.response = action.Response.response.Ok end
    if action.Data then
      local data = action.Data.data
      local list = action.Data.direction == "Request" and case.sent or case.pieces
      list[#list + 1] = data.Utf8 or awl.base64.decode(data.Base64)
    end
  end
  return case
end

local function samples()
  for _, name in ipairs(names "%.wav$") do
    local bytes = read(folder .. "/" .. name)
    local at = 13 -- chunks follow the form's name
    while bytes do
      local kind, length = ("<c4I4"):unpack(bytes, at)
      if kind == "data" then return bytes:sub(at + 8, at + 7 + length) end
      at = at + 8 + length + length % 2
    end
  end
end

local function play(server, case, seen)
  local exchange <close> = server:accept()
  seen.method, seen.path, seen.headers, seen.body =
    exchange.method, exchange.path, exchange.headers, exchange.body
  local headers = {}
  for name, values in pairs(case.response.headers) do headers[name] = values end
  exchange:begin { status = case.response.status, headers = headers }
  for _, piece in ipairs(case.pieces) do
    if piece ~= "" then exchange:write(piece) end
  end
  exchange:finish()
end

local function header(message, name)
  local values = message.headers[name]
  return type(values) == "table" and values[1] or values
end

--- What is wrong with what was sent, or nil.
local function check_request(case, seen)
  if seen.method ~= case.request.method then return "method " .. seen.method end
  if seen.path ~= case.request.uri:match "^https?://[^/]+([^?]*)" then return "path " .. seen.path end
  for name, values in pairs(case.request.headers) do
    local value = type(values) == "table" and values[1] or values
    if (name == "content-type" or name:find "^x%-amzn%-") and seen.headers[name] ~= value then
      return ("%s: %s, expected %s"):format(name, seen.headers[name], value)
    end
  end
  local sent, recorded = inner(seen.body), inner(table.concat(case.sent))
  if sent[#sent] ~= "" then return "the stream has no signed end" end
  for i, message in ipairs(recorded) do -- a stream that failed was recorded so far
    if not equal(message, sent[i]) then return "message " .. i .. " differs" end
  end
end

--- What is wrong with what came, or nil.
local function check_answer(case, events, err)
  local expected = frames(table.concat(case.pieces))
  for i, message in ipairs(expected) do
    local value = awl.json.decode(message.payload)
    if message.headers[":message-type"] == "event" then
      if not equal(events[i], { [message.headers[":event-type"]] = value }) then
        return "event " .. i .. " differs"
      end
    elseif not err or err.code ~= message.headers[":exception-type"] or
      err.message ~= (value.Message or value.message) then
      return "another error: " .. tostring(err)
    else
      return #events ~= i - 1 and "events after the error" or nil
    end
  end
  if err then return tostring(err) end
  return #events ~= #expected and ("%d events"):format(#events) or nil
end

local function run_case(name)
  local case = load_case(folder .. "/" .. name)
  local server <close> = core.listen { port = 0 }
  local seen, events = {}, {}
  local playing = awl.spawn(play, server, case, seen)
  local client = awl.client("transcribe-streaming", {
    region = case.request.uri:match "%.([%w-]+)%.amazonaws", max_attempts = 1,
    endpoint_url = "http://127.0.0.1:" .. server:port(),
    credentials = { access_key_id = "test", secret_access_key = "test" },
  })
  local audio, at = samples(), 1 - CHUNK
  local output = client:start_stream_transcription {
    LanguageCode = header(case.request, "x-amzn-transcribe-language-code"),
    MediaSampleRateHertz = math.tointeger(header(case.request, "x-amzn-transcribe-sample-rate")),
    MediaEncoding = header(case.request, "x-amzn-transcribe-media-encoding"),
    AudioStream = function()
      at = at + CHUNK
      return at <= #audio and { AudioEvent = { AudioChunk = audio:sub(at, at + CHUNK - 1) } } or nil
    end,
  }
  local ok, err = pcall(function()
    for event in output.TranscriptResultStream:events() do events[#events + 1] = event end
  end)
  playing:await()
  local session = header(case.response, "x-amzn-transcribe-session-id")
  if output.SessionId ~= session then return "session " .. tostring(output.SessionId) end
  return check_request(case, seen) or check_answer(case, events, not ok and err or nil)
end

for _, name in ipairs(names "%.json$") do
  local ok, problem = pcall(run_case, name)
  if ok and not problem then
    passed = passed + 1
  else
    failed = failed + 1
    print(("FAIL eventstream transcribe/%s: %s"):format(name, tostring(problem)))
  end
end
print(("eventstream: %d passed, %d failed, 0 skipped"):format(passed, failed))
os.exit(failed == 0 and 0 or 1)
