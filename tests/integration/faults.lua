-- Calls to a server that misbehaves in every way: each ends in time, with a result or an
-- error that says what happened, after as many requests as it may make; nothing is left.
--
--     awl run faults.lua PORTS FOLDER CALLS      PORTS: the server's line of JSON
local awl = require "awl"
local http = require "awl.core.http"
local process = require "awl.core.process"
local testing = require "awl.core.testing"

local ports = awl.json.decode(arg[1])
local folder, mass = arg[2], tonumber(arg[3])
local control = ("http://127.0.0.1:%d"):format(ports.http)
local failed, checks = 0, 0

local function check(what, ok, found)
  checks = checks + 1
  if ok then return end
  failed = failed + 1
  print(("FAIL %s: %s"):format(what, tostring(found)))
end

local function ask(path)
  local request = { url = control .. path, direct = true }
  for _ = 1, 3 do -- its connection may have been closed since
    local ok, answer = pcall(http.request, request)
    if ok then return awl.json.decode(answer.body) end
  end
  return awl.json.decode(http.request(request).body)
end

local function count(tag) return ask("/_count/" .. tag).count end

local function client(options, service)
  local all = { endpoint_url = control, read_timeout = 0.4, connect_timeout = 5 }
  for key, value in pairs(options or {}) do all[key] = value end
  return awl.client(service or "dynamodb", all)
end

local KEY = { id = { S = "1" } }
local tags = 0

--- A call whose attempts meet the faults. `what` is its tag, ok and the output or error.
local function try(dynamodb, operation, faults, options)
  tags = tags + 1
  local tag = ("%s-%d"):format(operation, tags)
  local rest = { headers = { ["x-fault"] = faults, ["x-tag"] = tag } }
  for key, value in pairs(options or {}) do rest[key] = value end
  local input = operation == "put_item" and { TableName = "t", Item = KEY }
    or { TableName = "t", Key = KEY }
  local ok, result = pcall(dynamodb[operation], dynamodb, input, rest)
  return { tag = tag, ok = ok, result = result, err = not ok and result or {} }
end

-- ---- one fault at a time ----

-- The error of a call that is not sent again, by what its only attempt met. libcurl would
-- replace a connection that was in use before and is lost: NotResent is that, forbidden.
-- Where it is allowed it is none of our attempts.
local UNSAFE = {
  reset = "ConnectionReset", close = "ConnectionReset", stall = "ReadTimeout",
  mid = "IncompleteBody", short = "IncompleteBody", garbage = "TransportError",
}

local dynamodb = client()
for fault, code in pairs(UNSAFE) do
  for _, used in ipairs { false, true } do -- on a new connection, and on a used one
    local what = fault .. (used and ", used connection" or "")
    if used then try(dynamodb, "get_item", "") end
    local put = try(dynamodb, "put_item", fault)
    check(what .. ": put_item fails", put.err.code == code
      or code == "ConnectionReset" and put.err.code == "NotResent", put.ok or put.err)
    check(what .. ": its outcome is unknown", put.err.unknown_outcome == true, put.err)
    check(what .. ": it arrives once", count(put.tag) == 1, count(put.tag))
    if used then try(dynamodb, "get_item", "") end
    local get = try(dynamodb, "get_item", fault)
    check(what .. ": get_item succeeds", get.ok and get.result.Item.tag.S == get.tag, get.err)
    check(what .. ": it arrives twice", count(get.tag) == 2, count(get.tag))
  end
  local get = try(dynamodb, "get_item", "always " .. fault, { max_attempts = 2 })
  check(fault .. ": two attempts and no more", count(get.tag) <= (code == "ConnectionReset" and 3 or 2),
    count(get.tag))
  check(fault .. ": the last failure counts", get.err.code == code, get.err)
end

local function too_long()
  local put = try(dynamodb, "put_item", "long")
  check("bytes after the answer are nobody's", put.ok and count(put.tag) == 1, put.err)
  local get = try(dynamodb, "get_item", "")
  check("least of all the next one's", get.ok and get.result.Item.tag.S == get.tag, get.err)
end
too_long()

-- A server that has answered has not lost the call: these are repeated either way.
for _, status in ipairs { "500", "503", "429" } do
  local put = try(dynamodb, "put_item", status .. "," .. status)
  check(status .. ": a burst of two is outlived", put.ok and count(put.tag) == 3, put.err)
  put = try(dynamodb, "put_item", "always " .. status)
  check(status .. ": not a longer one", put.err.attempts == 4 and count(put.tag) == 4, put.err)
end

local function s3_error()
  local s3 = client({ addressing_style = "path" }, "s3")
  local ok, err = pcall(s3.copy_object, s3, { Bucket = "b", Key = "k", CopySource = "b/a" },
    { headers = { ["x-fault"] = "s3_error,s3_error,s3_error", ["x-tag"] = "copy" } })
  check("a 200 with an error inside is an error", not ok and err.code == "InternalError", err)
  check("and repeated", count "copy" == 3, count "copy")
end
s3_error()

-- The answer is a stream, as the request is.
local function answered_early()
  local lex = client({ read_timeout = 5 }, "lex-runtime")
  local function post(tag, last)
    local given = 0
    return pcall(lex.post_content, lex, {
      botName = "b", botAlias = "a", userId = "user", contentType = "audio/l16",
      inputStream = function()
        given = given + 1
        -- By then the answer to this very call has come.
        for _ = 1, given == 2 and 10 or 0 do
          while count(tag) == 0 do awl.sleep(0) end
        end
        if given == 5 then return last() end
        return "piece"
      end,
    }, { headers = { ["x-fault"] = "early", ["x-tag"] = tag } })
  end
  local ok, found = post("early", function() return nil end)
  check("answered early: the upload goes on to its end", ok and found.audioStream:read(), found)
  check("answered early: all of it arrives", count "early-pieces" == 4, count "early-pieces")
  ok, found = post("early-error", function() error("mine", 0) end)
  check("answered early: a failed upload is an error", not ok and found == "mine", found)
end
answered_early()

local function redirect()
  local get = try(dynamodb, "get_item", "always redirect")
  check("a redirect is an error", get.err.status == 307, get.err)
  check("and not followed", count "elsewhere" == 0 and count(get.tag) == 1, count "elsewhere")
end
redirect()

local function refused()
  local nobody = client { endpoint_url = "http://127.0.0.1:1" }
  local put = try(nobody, "put_item", "")
  check("refused", put.err.code == "ConnectionRefused", put.err)
  check("refused: all attempts are made", put.err.attempts == 4, put.err.attempts)
  check("refused: nothing was sent", put.err.unknown_outcome == nil, put.err)
end
refused()

local function reset_before()
  local resetting = ("http://127.0.0.1:%d"):format(ports.resetting)
  ask "/_refuse/resetting/1"
  local get = try(client { endpoint_url = resetting }, "get_item", "")
  check("reset before the request: repeated", get.ok and count(get.tag) == 1, get.err)
end
reset_before()

local function keep_alive()
  for i = 1, 60 do
    local fault = i % 3 == 0 and "last" or ""
    local get = try(dynamodb, "get_item", fault)
    check("every third answer is a connection's last: reads succeed", get.ok, get.err)
    -- Whoever writes into a connection just closed cannot know.
    local put = try(dynamodb, "put_item", fault)
    check("writes arrive once", put.ok and count(put.tag) == 1
      or put.err.unknown_outcome and count(put.tag) <= 1, put.err)
  end
end
keep_alive()

local function timeouts()
  local started = awl.time.monotonic and awl.time.monotonic() or awl.time.now()
  local get = try(client { read_timeout = 30 }, "get_item", "always stall", { timeout = 0.5 })
  check("the time of the whole call", get.err.kind == "timeout", get.err)
  local took = (awl.time.monotonic and awl.time.monotonic() or awl.time.now()) - started
  check("is kept", took > 0.4 and took < 5, took)
  local ok, err = pcall(awl.timeout, 0.3, function()
    dynamodb:get_item({ TableName = "t", Key = KEY }, { headers = { ["x-fault"] = "stall" },
                                                        read_timeout = 30 })
  end)
  check("a timeout of the script's", not ok and err.code == "Timeout", err)
end
timeouts()

-- ---- limits ----

local function limits()
  local few = client { max_connections = 3, read_timeout = 0.4 }
  ask "/_begin"
  local run = awl.map({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, function()
    local get = try(few, "get_item", "slow")
    if not get.ok then error(get.err, 0) end
  end, { concurrency = 12 })
  -- Twelve of 0.3 s each by threes take 1.2 s: waiting is no time of the call's.
  check("calls that wait for a connection do not time out", run.succeeded == 12,
    run.failed[1] and run.failed[1].error)
  local report = ask "/_begin"
  check("three connections and the one that asks", report.most_open <= 5, report.most_open)
end
limits()

local function storm()
  ask "/_begin"
  local patient = client { retries = { mode = "adaptive", max_attempts = 20 }, read_timeout = 5,
                           region = "eu-west-3" }
  local run = awl.map((function()
    local i = 0
    return function() i = i + 1 return i <= 1000 and i or nil end
  end)(), function()
    local put = try(patient, "put_item", "always storm")
    if not put.ok then error(put.err, 0) end
  end, { concurrency = 1000 })
  local report = ask "/_begin"
  local over = 0
  for _, item in ipairs(run.failed) do
    if item.error.throttled and item.error.retry_quota_reached then over = over + 1 end
  end
  check("a storm of 1,000 tasks: each ends", run.succeeded + #run.failed == 1000, run.succeeded)
  check("by success or for want of quota", over == #run.failed,
    run.failed[1] and run.failed[1].error)
  check("and not few succeed", run.succeeded >= 100, run.succeeded)
  check("the server is asked little more than it must", report.requests < 1200 + run.succeeded,
    report.requests)
end
storm()

-- ---- TLS and proxies ----

local function tls(name, options)
  options = options or {}
  options.endpoint_url = ("https://127.0.0.1:%d"):format(ports[name])
  options.ca_bundle = options.ca_bundle or folder .. "/ca.pem"
  return client(options)
end

local function certificates()
  local get = try(tls "tls", "get_item", "")
  check("a certificate of our authority", get.ok, get.err)
  for name, words in pairs { expired = "expired", other_name = "subject name" } do
    get = try(tls(name), "get_item", "")
    check(name .. ": refused", get.err.code == "CertificateError", get.ok or get.err)
    check(name .. ": says why", tostring(get.err.message):find(words, 1, true), get.err)
    check(name .. ": once", get.err.attempts == 1 and count(get.tag) == 0, get.err.attempts)
    get = try(tls(name, { verify_ssl = false }), "get_item", "")
    check(name .. ": taken when nobody looks", get.ok, get.err)
  end
  get = try(tls "client_cert", "get_item", "")
  check("a server that wants our certificate", not get.ok, "no error")
  get = try(tls("client_cert", { client_cert = folder .. "/good.pem" }), "get_item", "")
  check("gets it", get.ok, get.err)
  get = try(tls("client_cert", { client_cert = folder .. "/cert.pem",
                                 client_key = folder .. "/key.pem" }), "get_item", "")
  check("with the key in a file of its own", get.ok, get.err)
  get = try(tls("client_cert", { client_cert = folder .. "/none.pem" }), "get_item", "")
  check("a certificate that is not there", get.err.code == "CertificateError"
    and get.err.attempts == 1, get.ok or get.err)
end
certificates()

local function proxies()
  local url = ("http://user:secret@127.0.0.1:%d"):format(ports.proxy)
  ask "/_begin"
  local get = try(client { proxy = url }, "get_item", "")
  check("through a proxy", get.ok and count(get.tag) == 1, get.err)
  get = try(tls("tls", { proxy = url }), "get_item", "")
  check("through it with CONNECT", get.ok and count(get.tag) == 1, get.err)
  get = try(tls("tls", { proxy = { url = url:gsub("^http:", "https:")
    :gsub("%d+$", tostring(ports.tls_proxy)), ca_bundle = folder .. "/ca.pem" } }), "get_item", "")
  check("through one that speaks TLS", get.ok and count(get.tag) == 1, get.err)
  local used = ask "/_begin".connections
  check("they were used", used.proxy == 2 and used.tls_proxy == 1, awl.json.encode(used))

  for _, none in ipairs { "127.0.0.1", "example.com, 127.0.0.0/8", "*",
                          "127.0.0.1:1,127.0.0.1:" .. ports.http } do
    get = try(client { proxy = { url = url, no_proxy = none } }, "get_item", "")
    check("around it: " .. none, get.ok, get.err)
  end
  get = try(client { proxy = false }, "get_item", "")
  used = ask "/_begin".connections
  check("it was not used", get.ok and used.proxy == nil, awl.json.encode(used))
  get = try(client { proxy = { url = "http://127.0.0.1:1", no_proxy = "127.0.0.1:1" },
                     retries = { max_attempts = 1 } }, "get_item", "")
  check("not around it: another port", get.err.code == "ProxyError", get.ok or get.err)

  get = try(tls("tls", { proxy = url:gsub("secret", "wrong") }), "get_item", "")
  check("a proxy that says no is asked once", get.err.code == "ProxyRefused"
    and get.err.attempts == 1, get.ok or get.err)
  check("hides the password", not tostring(get.err):find("wrong", 1, true), get.err)
  check("it is said what it wants", get.err.message:find("status 407: it does not take the user", 1, true),
    get.err)
  get = try(tls("tls", { proxy = url:gsub("user:secret@", "") }), "get_item", "")
  check("or that it wants something", get.err.message:find("it wants a user and a password", 1, true),
    get.err)
  get = try(client { proxy = url, endpoint_url = "https://busy.test",
                     retries = { max_attempts = 2 } }, "get_item", "")
  check("one that is busy is asked again", get.err.code == "ProxyError" and get.err.attempts == 2,
    get.ok or get.err)
  get = try(client { proxy = url, endpoint_url = "https://silent.test", connect_timeout = 0.3,
                     retries = { max_attempts = 1 } }, "get_item", "")
  check("a proxy that says nothing is named", get.err.code == "ConnectTimeout"
    and get.err.message:find(("the proxy 'http://127.0.0.1:%d' is set"):format(ports.proxy), 1, true),
    get.err)
  get = try(client { proxy = "http://user:hidden@127.0.0.1:1" }, "put_item", "")
  check("a proxy that is not there", get.err.code == "ProxyError" and get.err.attempts == 4, get.err)
  check("is named without the password", get.err.message:find("'http://127.0.0.1:1'", 1, true)
    and not get.err.message:find("hidden", 1, true), get.err)
  ask "/_refuse/proxy/1"
  get = try(tls("tls", { proxy = url }), "put_item", "")
  check("a proxy that dies and comes back", get.ok and count(get.tag) == 1, get.err)
end
proxies()

local function six()
  local get = try(client { endpoint_url = ("http://[::1]:%d"):format(ports.six) }, "get_item", "")
  check("IPv6", get.ok and count(get.tag) == 1, get.err)
end
if ports.six then six() end

local function headers()
  for _, value in ipairs { "a\r\nX-Evil: 1", "a\nb", "a\0b" } do
    local ok, err = pcall(dynamodb.get_item, dynamodb, { TableName = "t", Key = KEY },
      { headers = { ["x-tag"] = "evil", ["x-mine"] = value } })
    check("a header with a line's end", not ok and err.kind == "input", err)
  end
  check("is not sent", count "evil" == 0, count "evil")
end
headers()

-- ---- credentials ----

local function expired()
  local get = try(dynamodb, "get_item", "always expired")
  check("keys that stay expired are an error", get.err.code == "ExpiredTokenException", get.err)
  check("after one refresh", count(get.tag) <= 2, count(get.tag))
  local put = try(dynamodb, "put_item", "expired")
  check("a service that was wrong once is asked again", put.ok or count(put.tag) == 1, put.err)
end
expired()

local METADATA = [[
local awl = require "awl"
local dynamodb = awl.client("dynamodb", { endpoint_url = "%s" })
local items = {}
for i = 1, 200 do items[i] = i end
local run = awl.map(items, function(i)
  dynamodb:get_item({ TableName = "t", Key = { id = { S = "1" } } },
    { headers = { ["x-tag"] = "metadata-" .. i, ["x-fault"] = i == 100 and "expired" or "" } })
end, { concurrency = 50 })
io.write(run.succeeded, " ", run.failed[1] and tostring(run.failed[1].error) or "")
]]

local function metadata()
  ask "/_begin"
  local child <close> = process.start({ process.self(), "-e", METADATA:format(control) }, {
    stdout = "pipe", env = { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "",
      AWS_EC2_METADATA_DISABLED = "false", AWS_EC2_METADATA_SERVICE_ENDPOINT = control } })
  local said = child:read "a"
  child:wait()
  check("a metadata service that throttles", said == "200 ", said)
  check("is asked once for all who wait, and once for keys that are called expired",
    count "latest/meta-data/iam/security-credentials/role" <= 4,
    count "latest/meta-data/iam/security-credentials/role")
end
metadata()

-- ---- all at once ----

local function storm_of_faults(calls)
  ask "/_begin"
  local ended, mixed, bad = {}, 0, 0
  local function one(i)
    local operation = i % 2 == 0 and "put_item" or "get_item"
    local tag = "mass-" .. i
    local ok, result = pcall(dynamodb[operation], dynamodb,
      i % 2 == 0 and { TableName = "t", Item = KEY } or { TableName = "t", Key = KEY },
      { headers = { ["x-fault"] = "random", ["x-tag"] = tag } })
    ended[i] = (ended[i] or 0) + 1
    if ok and (result.Item or result.Attributes).tag.S ~= tag then mixed = mixed + 1 end
    if not ok and result.kind ~= "transport" and result.kind ~= "timeout"
      and result.kind ~= "service" then bad = bad + 1 end
    if not ok then error(result, 0) end
  end
  local i = 0
  local run = awl.map(function() i = i + 1 return i <= calls and i or nil end, one,
    { concurrency = 50 })
  local report = ask "/_begin"
  local once = 0
  for n = 1, calls do if ended[n] == 1 then once = once + 1 end end
  check("each of them ends once", once == calls and run.total == calls, once)
  check("none gets another one's answer", mixed == 0, mixed)
  check("none ends in another way", bad == 0, bad)
  check("all arrive", report.calls == calls, report.calls)
  check("none arrives again that must not", #report.twice == 0, report.twice[1])
  local unknown = 0
  for _, item in ipairs(run.failed) do if item.error.unknown_outcome then unknown = unknown + 1 end end
  check("what fails is mostly of unknown outcome", #run.failed - unknown <= calls / 100,
    #run.failed - unknown)
  check("and little", #run.failed < calls * 0.06, #run.failed)
  return ("%d calls, %d requests, %d failed, %d of them with an unknown outcome")
    :format(calls, report.requests, #run.failed, unknown)
end

local function descriptors()
  local open = 0
  for _, name in ipairs(awl.fs.list "/proc/self/fd") do
    if tonumber(name) then open = open + 1 end
  end
  return open
end

print(storm_of_faults(mass))
local before = descriptors()
storm_of_faults(500)
check("no descriptors are left behind", descriptors() <= before + 50, descriptors() - before)
collectgarbage()
collectgarbage()
awl.sleep(0.05)
local live, where = testing.live_tasks()
check("no tasks", live == 1, where)
check("no handles", #testing.open_handles() <= 2, table.concat(testing.open_handles(), ", "))
print(("%d of %d checks passed"):format(checks - failed, checks))
os.exit(failed == 0 and 0 or 1)
