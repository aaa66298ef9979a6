--- Lambda: functions that are Lua files.
local fault = require "awl.emulator.fault"
local fs = require "awl.fs"
local json = require "awl.json"
local new_invocation = require "awl.emulator.function"
local task = require "awl.core.task"
local time = require "awl.time"

local PAYLOAD_BYTES = 6 * 1024 * 1024
local ASYNC_PAYLOAD_BYTES = 1024 * 1024

local function arn_of(emulator, region, name)
  return ("arn:aws:lambda:%s:%s:function:%s"):format(region, emulator.account, name)
end

--- "name", "name:qualifier", "account:function:name" or an ARN.
local function plain_name(name)
  return name:match "function:([^:]+)" or name:match "^[^:]+"
end

--- The file of a function: the one it was given, or NAME.lua in the folder of functions,
--- where system-test may also be written system_test.lua.
local function find_file(options, name)
  local given = (options.functions or {})[name]
  if given then return given end
  if not options.functions_dir or name:find "[^%w_%-]" then return nil end
  for _, base in ipairs { name, (name:gsub("%-", "_")) } do
    local path = ("%s/%s.lua"):format(options.functions_dir, base)
    if fs.exists(path) then return path end
  end
end

local function file_of(emulator, input, context)
  local name = plain_name(input.FunctionName)
  local file = find_file(emulator.options, name)
  if file then return file, name end
  local message = "Function not found: " .. arn_of(emulator, context.region, name)
  fault("ResourceNotFoundException", message, 404, { members = { Type = "User" } })
end

local function check_payload(payload, limit)
  if #payload > limit then
    fault("RequestTooLargeException", ("Request must be smaller than %d bytes for the "
      .. "InvokeFunction operation"):format(limit), 413)
  end
  if payload == "" then return end
  local ok, err = pcall(json.decode, payload)
  if not ok then
    fault("InvalidRequestContentException",
      "Could not parse request body into json: " .. tostring(err.message or err), 400)
  end
end

local function configuration(emulator, name, file, region)
  local stat = fs.stat(file)
  return {
    FunctionName = name, FunctionArn = arn_of(emulator, region, name),
    Runtime = "provided.al2023", Handler = "lua", CodeSize = stat.size,
    LastModified = time.iso(stat.modified), Version = "$LATEST", State = "Active",
    Role = ("arn:aws:iam::%s:role/local"):format(emulator.account),
    Timeout = 900, MemorySize = 128, PackageType = "Zip", Architectures = { "x86_64" },
  }
end

local function all_names(options)
  local found, names = {}, {}
  local function add(name)
    if not found[name] then names[#names + 1] = name end
    found[name] = true
  end
  for name in pairs(options.functions or {}) do add(name) end
  if options.functions_dir and fs.exists(options.functions_dir) then
    for _, entry in ipairs(fs.list(options.functions_dir)) do
      local file = type(entry) == "table" and entry.name or entry
      local name = file:match "^([%w_%-]+)%.lua$"
      if name then add(name) end
    end
  end
  table.sort(names)
  return names
end

--- The answer of RequestResponse: too large a result is the function's error.
local function respond(invocation, payload, failure, tail)
  if #payload > PAYLOAD_BYTES then
    failure = "Unhandled"
    payload = json.encode {
      errorType = "Function.ResponseSizeTooLarge",
      errorMessage = ("Response payload size exceeded maximum allowed payload size "
        .. "(%d bytes)."):format(PAYLOAD_BYTES),
    }
  end
  return {
    StatusCode = 200, ExecutedVersion = "$LATEST", FunctionError = failure,
    Payload = payload, LogResult = tail and invocation:log_tail() or nil,
  }
end

---@param emulator awl.emulator.Emulator
return function(emulator)
  local lambda = {}

  function lambda.Invoke(input, context)
    local file, name = file_of(emulator, input, context)
    local kind = input.InvocationType or "RequestResponse"
    local payload = input.Payload or ""
    check_payload(payload, kind == "Event" and ASYNC_PAYLOAD_BYTES or PAYLOAD_BYTES)
    if kind == "DryRun" then return { StatusCode = 204 } end
    local invocation = new_invocation(name, context.request_id)
    if kind == "Event" then
      task.spawn(invocation.run, invocation, emulator, file, payload)
      return { StatusCode = 202 }
    end
    local result, failure = invocation:run(emulator, file, payload)
    return respond(invocation, result, failure, input.LogType == "Tail")
  end

  function lambda.GetFunction(input, context)
    local file, name = file_of(emulator, input, context)
    return {
      Configuration = configuration(emulator, name, file, context.region),
      Code = { RepositoryType = "S3", Location = "file://" .. file },
    }
  end

  function lambda.GetFunctionConfiguration(input, context)
    local file, name = file_of(emulator, input, context)
    return configuration(emulator, name, file, context.region)
  end

  function lambda.ListFunctions(input, context)
    local names = all_names(emulator.options)
    local first = math.tointeger(tonumber(input.Marker or 1)) or 1
    local last = math.min(#names, first + (input.MaxItems or 50) - 1)
    local functions = {}
    for i = first, last do
      functions[#functions + 1] = configuration(emulator, names[i],
        find_file(emulator.options, names[i]), context.region)
    end
    return { Functions = functions, NextMarker = last < #names and tostring(last + 1) or nil }
  end

  return lambda
end
