--- AWS on this machine: a server that reads requests and writes answers by the service
--- models, with a Lua function an operation. Services are in the files beside this one;
--- each makes a table of its operations: function(input, context) -> output.
local access = require "awl.emulator.access"
local caller_of = require "awl.emulator.caller"
local core = require "awl.core.server"
local errors = require "awl.core.error"
local fault = require "awl.emulator.fault"
local log = require "awl.log"
local task = require "awl.core.task"

-- By signing name; a service is made when its first request comes.
local SERVICES = {
  lambda = "awl.emulator.lambda",
  s3 = "awl.emulator.s3",
  sts = "awl.emulator.sts",
}

---@class awl.emulator.Options
---@field port integer? 0 or nil: a free one
---@field verify boolean? refuse what is not signed by a key that is known
---@field seed integer? of everything random
---@field speed number? handlers sleep that many times shorter
---@field functions table<string, string>? files of Lambda functions by name
---@field functions_dir string? where NAME.lua is looked for

---@class awl.emulator.Emulator
---@field server userdata
---@field options awl.emulator.Options
---@field account string
---@field keys table<string, string> secrets by access key
local Emulator = {}
Emulator.__index = Emulator

---@class awl.emulator.Context
---@field emulator awl.emulator.Emulator
---@field exchange awl.Exchange
---@field request_headers table<string, string>
---@field caller awl.emulator.Caller
---@field region string
---@field operation string
---@field request_id string
---@field headers table<string, string> of the answer
---@field status integer? of the answer, if not the model's

function Emulator:port() return self.server:port() end

function Emulator:url() return ("http://127.0.0.1:%d"):format(self:port()) end

--- Ends serve(); requests under way still get their answers.
function Emulator:close() self.server:close() end

Emulator.__close = Emulator.close

--- The codecs of a service, and true; S3's and false for one that no model has.
local function wire_of(self, service)
  local wire = self.wires[service]
  if wire then return wire, true end
  local ok, made = pcall(core.wire, service)
  if ok then
    self.wires[service] = made
    return made, true
  end
  if service == "s3" then error(made, 0) end
  return wire_of(self, "s3"), false
end

local function operations_of(self, service)
  local operations = self.services[service]
  if not operations and SERVICES[service] then
    operations = require(SERVICES[service])(self)
    self.services[service] = operations
  end
  return operations
end

local function handler_of(self, context)
  local service = context.caller.service
  local operations = operations_of(self, service)
  local handler = operations and operations[context.operation]
  if handler then return handler end
  fault("NotImplemented", ("the emulator does not have %s:%s yet")
    :format(service, context.operation), 501)
end

local function read_input(wire, context)
  local ok, input = pcall(wire.read_input, wire, context.operation, context.exchange)
  if ok then return input end
  local message = type(input) == "table" and input.message or tostring(input)
  local code = "SerializationException"
  if type(input) == "table" and input.code == "IncompleteBody" then
    code = input.code
  elseif wire.protocol == "rest-xml" then
    code = message:find("invalid XML", 1, true) and "MalformedXML" or "InvalidArgument"
  end
  fault(code, message, 400)
end

local function perform(self, context)
  local exchange = context.exchange
  local wire, known = wire_of(self, context.caller.service)
  if not known then
    fault("NotImplemented", ("there is no service '%s'"):format(context.caller.service), 501)
  end
  if self.options.verify then access(exchange, wire.protocol, self.keys) end
  local operation = wire:match(exchange)
  if context.caller.is_express and operation == "ListBuckets" then
    operation = "ListDirectoryBuckets" -- the same request, signed for another service
  end
  if not operation then
    fault("UnknownOperationException", ("no operation of %s is %s %s")
      :format(context.caller.service, exchange.method, exchange.path), 501)
  end
  context.operation = operation
  local output = handler_of(self, context)(read_input(wire, context), context)
  wire:respond_output(exchange, operation, output, context.request_id, context.headers,
    context.status)
end

local function with_traceback(err)
  if type(err) == "table" then return err end
  return { message = tostring(err), traceback = debug.traceback(err, 2) }
end

--- A fault is the service's answer; all else is a mistake of the emulator's.
local function refuse(self, context, err)
  if not fault.is(err) then
    if errors.is_canceled(err) then error(err, 0) end
    io.stderr:write(("awl local: %s:%s failed: %s\n"):format(context.caller.service,
      context.operation or "?", err.traceback or tostring(err)))
    err = { code = "InternalFailure", message = err.message or tostring(err), status = 500 }
  end
  local headers = err.headers or {}
  if err.status and err.status < 400 then
    headers["x-amz-request-id"] = context.request_id
    return context.exchange:respond { status = err.status, headers = headers }
  end
  local wire = wire_of(self, context.caller.service)
  wire:respond_error(context.exchange, context.operation, err, context.request_id, headers)
end

--- One request to its answer.
local function answer(self, taken)
  local exchange <close> = taken
  local started = task.now()
  local headers = exchange.headers
  local caller = caller_of(exchange, headers)
  local context = {
    emulator = self, exchange = exchange, request_headers = headers, caller = caller,
    region = caller.region, request_id = core.uuid(), headers = {},
  }
  local ok, err = xpcall(perform, with_traceback, self, context)
  if not ok then refuse(self, context, err) end
  log.debug("emulator", {
    service = caller.service, operation = context.operation, path = exchange.path,
    error = not ok and err.code or nil, seconds = task.now() - started,
  })
end

--- Answers requests, each in a task of its own, until the emulator is closed.
function Emulator:serve()
  while true do
    local exchange = self.server:accept()
    if not exchange then return end
    task.spawn(answer, self, exchange)
  end
end

--- Listens; serve() then answers.
---@param options awl.emulator.Options?
---@return awl.emulator.Emulator
local function new(options)
  options = options or {}
  return setmetatable({
    server = core.listen { port = options.port or 0 },
    options = options,
    seed = options.seed or 0,
    speed = options.speed or 1,
    account = "000000000000",
    keys = { ["local"] = "local" },
    wires = {},
    services = {},
  }, Emulator)
end

return { new = new }
