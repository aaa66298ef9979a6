--- client:wait(waiter, input, options): an operation repeated until what it reports is
--- what the caller waits for.
local errors = require "awl.core.error"
local jmespath = require "awl.jmespath"
local task = require "awl.core.task"
local waiters = require "awl.core.waiter"

-- Does the acceptor match? Each gets the expected value and, of output and error, the one
-- that there is; `argument` is the compiled expression of a path matcher.
local matchers = {}

function matchers.path(acceptor, output)
  return output ~= nil and acceptor.argument(output) == acceptor.expected
end

function matchers.pathAll(acceptor, output)
  local list = output and acceptor.argument(output)
  if type(list) ~= "table" or #list == 0 then return false end
  for _, value in ipairs(list) do
    if value ~= acceptor.expected then return false end
  end
  return true
end

function matchers.pathAny(acceptor, output)
  local list = output and acceptor.argument(output)
  if type(list) ~= "table" then return false end
  for _, value in ipairs(list) do
    if value == acceptor.expected then return true end
  end
  return false
end

function matchers.status(acceptor, output, err)
  local metadata = output and output.ResponseMetadata -- a mock's output may have none
  return (err and err.status or metadata and metadata.HTTPStatusCode) == acceptor.expected
end

function matchers.error(acceptor, _, err)
  if type(acceptor.expected) == "boolean" then return acceptor.expected == (err ~= nil) end
  return err ~= nil and err.code == acceptor.expected
end

local function compile(acceptors)
  for _, acceptor in ipairs(acceptors) do
    if acceptor.argument then acceptor.argument = jmespath.compile(acceptor.argument) end
  end
end

local function deciding(acceptors, output, err)
  for _, acceptor in ipairs(acceptors) do
    local matches = matchers[acceptor.matcher]
    if matches and matches(acceptor, output, err) then return acceptor end
  end
  return nil
end

--- An answer that is an error of the service may be what is waited for; everything else
--- that can go wrong ends the wait.
local function is_answer(err)
  return errors.is(err) and err.kind == "service"
end

local function on_error(err)
  if is_answer(err) then return err end
  return errors.on_error(err)
end

--- The output, or nil and the service's error.
local function call(client, operation, input, options)
  local ok, result = xpcall(client.call, on_error, client, operation, input, options)
  if ok then return result end
  if is_answer(result) then return nil, result end
  error(result, 0)
end

--- The rest of a service's error stands in that of the waiter.
local function said(err)
  return err.code .. ": " .. err.message
end

--- What was seen last, in words: "State is 'Failed'".
local function describe(acceptor, err)
  if err then return said(err) end
  if acceptor and acceptor.argument then
    local expected = acceptor.expected
    if type(expected) == "string" then expected = ("'%s'"):format(expected) end
    return ("%s is %s"):format(acceptor.argument, expected)
  end
  return acceptor and acceptor.matcher == "status"
    and ("the status is %d"):format(acceptor.expected) or "the call succeeded"
end

local function fail(rules, kind, code, message, attempts, output, err)
  error(errors.new {
    kind = kind, code = code, operation = rules.operation, waiter = rules.name,
    message = ("%s: %s"):format(rules.name, message), attempts = attempts,
    status = err and err.status, request_id = err and err.request_id,
    service = err and err.service, region = err and err.region,
    last_output = output, last_error = err,
  }, 0)
end

local function failed(rules, acceptor, attempts, output, err)
  fail(rules, "service", "WaiterFailed", describe(acceptor, err), attempts, output, err)
end

local function exhausted(rules, attempts, output, err)
  fail(rules, "timeout", "WaiterTimeout", ("gave up after %d attempt%s%s"):format(attempts,
    attempts == 1 and "" or "s", err and ", the last ended with " .. said(err) or ""),
    attempts, output, err)
end

local function whole(value) return math.type(value) and math.tointeger(value) end

--- The waiter's own settings are taken out: the rest is for each call.
local function split_options(rules, options)
  local rest = {}
  for key, value in pairs(options or {}) do rest[key] = value end
  local delay, attempts = rest.delay or rules.delay, rest.max_attempts or rules.max_attempts
  rest.delay, rest.max_attempts = nil, nil
  rest.feature = "waiter"
  if type(delay) ~= "number" or delay < 0 or delay ~= delay then
    error(("delay must be a number of seconds, not '%s'"):format(tostring(delay)), 4)
  end
  if not whole(attempts) or attempts < 1 then
    error(("max_attempts must be a whole number from 1 on, not '%s'")
      :format(tostring(attempts)), 4)
  end
  return delay, whole(attempts), rest
end

--- Calls the waiter's operation at once and then every `delay` seconds, until it reports
--- what is waited for, and returns the last output: nil if that was an error. Raises
--- WaiterFailed when that cannot happen any more, WaiterTimeout after `max_attempts`
--- calls; both have `last_output` or `last_error`.
---@param client awl.Client
---@param name string as "bucket_exists", or as AWS spells it
---@param input table?
---@param options table? delay, max_attempts (of calls; both the model's); the others are for each call
---@return table? output
return function(client, name, input, options)
  local rules = waiters.find(client, name)
  local delay, max_attempts, call_options = split_options(rules, options)
  compile(rules.acceptors)
  for attempt = 1, max_attempts do
    local output, err = call(client, rules.operation, input or {}, call_options)
    local acceptor = deciding(rules.acceptors, output, err)
    local state = acceptor and acceptor.state or err and "failure" or "retry"
    if state == "success" then return output end
    if state == "failure" then failed(rules, acceptor, attempt, output, err) end
    if attempt == max_attempts then exhausted(rules, attempt, output, err) end
    task.sleep(delay)
  end
end
