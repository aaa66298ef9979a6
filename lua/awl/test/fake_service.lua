--- t:fake_service(script): an AWS service for one test, on a port of loopback.
---
--- The script is a list of answers, one a request in their order, or a function that
--- makes the answer: `function(request, exchange) return { status = 200 } end`. A
--- function may stand in the list too; one that returns nil has answered by itself, and
--- its exchange is closed when it returns.
--- An answer is a table of
---   output         what the operation gives, written as the service's protocol wants
---   code, message, members, status   an error of the service, written likewise
---   status, headers, body            an answer as it is
---   close, reset = true              the connection is closed without an answer
---   cut = true     as it is, but the connection ends after `body`
---   hold = true    no answer ever comes
---   delay          seconds of the test's clock before any of these
--- A request that no answer is left for gets the error "UnexpectedRequest".
---
--- From here on the test's clock is a fake one.
local core = require "awl.core.server"
local errors = require "awl.core.error"
local session = require "awl.session"
local task = require "awl.core.task"

---@class awl.FakeRequest
---@field method string
---@field path string
---@field query string
---@field headers table<string, string> names in lower case
---@field body string
---@field operation string? as AWS spells it

---@class awl.FakeService
---@field url string
---@field requests integer how many have come
---@field seen awl.FakeRequest[]
---@field private script table|function
---@field private arrivals userdata
local FakeService = {}
FakeService.__index = FakeService

--- Chooses the service whose protocol `output` and `code` are written in; client() does.
---@param service string
function FakeService:speak(service) self.wire = core.wire(service) end

--- A client of the service that talks to this fake, with made-up credentials.
---@param service string
---@param options table? of awl.client
---@return awl.Client
function FakeService:client(service, options)
  local all = {
    region = "us-east-1", endpoint_url = self.url,
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  }
  for key, value in pairs(options or {}) do all[key] = value end
  self:speak(service)
  return session.client(service, all)
end

--- Waits until that many requests have come.
---@param count integer
function FakeService:wait(count)
  while self.requests < count do self.arrivals:receive() end
end

--- Ends it; requests without an answer see their connection closed. Raises what a
--- function of the script has raised.
function FakeService:close()
  self.closed = true
  self.server:close()
  for answering in pairs(self.answering) do answering:cancel() end
  for exchange in pairs(self.held) do exchange:close() end
  self.held = {}
  self.arrivals:close()
  local fault = self.fault
  self.fault = nil
  if fault then error(fault, 0) end
end

local function record(self, exchange)
  local request = {
    method = exchange.method, path = exchange.path, query = exchange.query,
    headers = exchange.headers, body = exchange.body,
    operation = self.wire and self.wire:match(exchange),
  }
  self.requests = self.requests + 1
  self.seen[self.requests] = request
  return request, self.requests
end

local function answer_of(self, request, exchange, number)
  local answer = self.script
  if type(answer) == "table" then
    answer = answer[number] or {
      code = "UnexpectedRequest", status = 400,
      message = ("request %d came, %d were expected"):format(number, #self.script),
    }
  end
  if type(answer) == "function" then answer = answer(request, exchange) end
  return answer
end

local function give(self, exchange, request, answer)
  if answer.delay then task.sleep(answer.delay) end
  if answer.hold then
    self.held[exchange] = true
  elseif answer.close then
    exchange:close()
  elseif answer.reset then
    exchange:reset()
  elseif answer.cut then
    exchange:begin(answer)
    exchange:write(answer.body)
    task.sleep(0.001) -- the client has seen this much
    exchange:reset()
  elseif answer.code then
    self.wire:respond_error(exchange, request.operation, answer, "FAKE-REQUEST",
      answer.headers or {})
  elseif answer.output then
    self.wire:respond_output(exchange, request.operation, answer.output, "FAKE-REQUEST",
      answer.headers or {}, answer.status)
  else
    exchange:respond(answer)
  end
end

local function answer_one(self, request, exchange, number)
  local ok, err = xpcall(function()
    local answer = answer_of(self, request, exchange, number)
    if answer then give(self, exchange, request, answer) end
  end, errors.on_error)
  if not ok and not errors.is_canceled(err) then self.fault = self.fault or err end
  if not self.held[exchange] then local closing <close> = exchange end
end

local function serve(self)
  while true do
    local exchange = self.server:accept()
    if not exchange then return end
    local request, number = record(self, exchange)
    local answering
    answering = task.spawn(function()
      answer_one(self, request, exchange, number)
      self.answering[answering] = nil
    end)
    self.answering[answering] = true
    if not self.closed then self.arrivals:send(true) end
  end
end

---@param t awl.Test
---@param script table[]|fun(request: awl.FakeRequest, exchange: awl.Exchange): table?
---@return awl.FakeService
return function(t, script)
  local clock = t.clock -- the test's own from now on
  local server = core.listen()
  local self = setmetatable({
    server = server, url = ("http://127.0.0.1:%d"):format(server:port()), clock = clock,
    script = script, requests = 0, seen = {}, held = {}, answering = {}, arrivals = task.channel(10000),
  }, FakeService)
  task.spawn(serve, self)
  t:finally(function() self:close() end)
  return self
end
