-- Two-way event streams with http2_server.js: its port, the file of the test's authority.
local awl = require "awl"

local port, authority = ...
local lex = awl.client("lexv2-runtime", {
  region = "us-east-1", endpoint_url = "https://127.0.0.1:" .. port, ca_bundle = authority,
  credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
})

local function start(session, source)
  return lex:start_conversation {
    botId = "BOT4567890", botAliasId = "ALIAS67890", localeId = "en_US", sessionId = session,
    requestEventStream = source,
  }.responseEventStream
end

local function said(text) return { TextInputEvent = { text = text } } end
local function heard(event) return event.TextResponseEvent.messages[1].content end

-- Each side speaks in turn: neither waits for the other's end.
do
  local stream <close> = start "turns"
  for i = 1, 20 do
    stream:send(said("turn " .. i))
    assert(heard(stream()) == "turn " .. i)
  end
  stream:finish()
  stream:finish()
  local ok, err = pcall(stream.send, stream, said "more")
  assert(not ok and err.code == "StreamFinished", tostring(err))
  assert(stream() == nil)
  print "in turns"
end

-- Much in both directions at once, more than any buffer on the way holds.
do
  local text, count, sent = ("x"):rep(1000), 8000, 0
  local stream = start("much", function()
    sent = sent + 1
    return sent <= count and said(text) or nil
  end)
  local got = 0
  for event in stream:events() do
    assert(heard(event) == text)
    got = got + 1
  end
  assert(got == count, got)
  print "much at once"
end

-- The head of the answer comes after the first event.
do
  local channel = awl.channel(4)
  channel:send(said "first")
  local stream <close> = start("late", channel)
  assert(heard(stream()) == "first")
  channel:send(said "second")
  assert(heard(stream()) == "second")
  channel:close()
  assert(stream() == nil)
  print "a late head"
end

-- An exception ends the stream, and what feeds it.
do
  local stream = start("fail", function()
    return said "go on"
  end)
  local ok, err = pcall(stream)
  assert(not ok and err.code == "ConflictException" and err.message == "no more", tostring(err))
  assert(err.request_id == "h2")
  print "an exception"
end

-- Closed early: the service sees it.
do
  local stream = start "quiet1"
  stream:send(said "hello")
  stream:close()
  assert(not pcall(stream.send, stream, said "more"))
  print "closed early"
end

-- Many at once, each on a connection of its own.
do
  local run = awl.map({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, function(i)
    local stream <close> = start("many" .. i)
    for turn = 1, 5 do
      stream:send(said(i .. " " .. turn))
      assert(heard(stream()) == i .. " " .. turn)
    end
    stream:finish()
    assert(stream() == nil)
  end, { concurrency = 12 })
  if run.failed[1] then error(run.failed[1].error) end
  print "many"
end
