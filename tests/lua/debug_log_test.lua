-- What --debug tells of calls, and what it never tells.
local process = require "awl.core.process"

--- What a run of the program writes on stderr, its time being real.
local function logged(options, env, code)
  local words = { process.self() }
  for _, word in ipairs(options) do words[#words + 1] = word end
  words[#words + 1], words[#words + 2] = "-e", code
  local child <close> = process.start(words, { env = env, stdout = "null", stderr = "pipe" })
  local text = child:read_error "a"
  child:wait()
  return text
end

local CODE = [[
local awl = require "awl"
local client = awl.client("dynamodb", { endpoint_url = "%s", region = "eu-west-1",
  retries = { max_attempts = 2 },
  credentials = { access_key_id = "AKIDFIRSTLAST", secret_access_key = "private-key",
                  session_token = "private-token" } })
pcall(client.put_item, client, { TableName = "t", Item = { id = { S = "private-item" } } },
  { headers = { Cookie = "private-header" } })
]]

--- A server that answers each request with that status and body.
local function answering(t, status, body)
  local core = require "awl.core.server"
  local task = require "awl.core.task"
  local server = core.listen()
  local serving = task.spawn(function()
    while true do
      local exchange <close> = server:accept()
      if not exchange then return end
      exchange:respond { status = status, body = body,
                         headers = { ["x-amzn-requestid"] = "R-1" } }
    end
  end)
  t:finally(function()
    server:close()
    pcall(serving.await, serving)
  end)
  return ("http://user:private-password@127.0.0.1:%d/private-path"):format(server:port())
end

describe("--debug", function()
  it("tells endpoint, keys, status, request, reason, pause and quota, a line each", function(t)
    local url = answering(t, 503, '{"__type":"private","message":"private"}')
    local text = logged({ "--debug" }, {}, CODE:format(url))
    assert.matches("dynamodb:PutItem attempt 1 of 2: POST to http://127.0.0.1:%d+ "
      .. "%(the configured endpoint%), signed for dynamodb in eu%-west%-1 with key ...LAST", text)
    assert.matches("attempt 1 of 2: status 503 after %d+%.%d+ s, request R%-1\n", text)
    assert.matches("again in %d%.%d+ s %(transient%), retry quota 495 of 500\n", text)
    assert.matches("attempt 2 of 2: [^\n]+ not again %(no attempt left%)", text)
    assert.is_nil(text:find("Authorization", 1, true))
    assert.is_nil(text:gsub("private, again", ""):gsub("private, not", ""):find "private")
  end)

  it("is silent otherwise, and AWL_LOG turns it on too", function(t)
    local code = CODE:format(answering(t, 200, "{}"))
    assert.are.equal("", logged({}, {}, code))
    assert.matches("status 200", logged({}, { AWL_LOG = "debug" }, code))
  end)

  it("says why a call is not made again", function()
    local text = logged({ "--debug" }, { AWS_EC2_METADATA_DISABLED = "true" }, CODE:format "http://127.0.0.1:1")
    assert.matches("ConnectionRefused, not again %(no attempt left%)", text)
  end)
end)
