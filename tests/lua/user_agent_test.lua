-- What requests say about the program: the features that stand after "m/", and names.
local awl = require "awl"

local KEYS = { access_key_id = "AKIDTEST", secret_access_key = "secret" }

local function agent_of(service, operation, input, options, call_options)
  local all = { region = "us-east-1", credentials = KEYS }
  for key, value in pairs(options or {}) do all[key] = value end
  return awl.client(service, all):prepare(operation, input or {}, call_options).headers["User-Agent"]
end

local function features(text) return "," .. text:match " m/(%S+) " .. "," end

local function has(text, code) return features(text):find("," .. code .. ",", 1, true) ~= nil end

describe("the user agent", function()
  it("names program, system, language, features and retry mode in this order", function()
    assert.matches("^awl/%S+ ua/2%.1 os/linux#%S+ md/arch#%S+ lang/lua#5%.4 .*m/%S+ "
      .. "cfg/retry%-mode#standard$", agent_of("sqs", "list_queues"))
  end)

  it("tells how the client is set", function()
    local plain = agent_of("sqs", "list_queues")
    assert.is_true(has(plain, "E") and has(plain, "Z") and has(plain, "b") and has(plain, "e"))
    assert.is_false(has(plain, "N") or has(plain, "P") or has(plain, "F"))
    local other = agent_of("dynamodb", "list_tables", {}, {
      endpoint_url = "http://127.0.0.1:1", retries = { mode = "adaptive" },
      request_checksum_calculation = "when_required", response_checksum_validation = "when_required",
      account_id_endpoint_mode = "disabled",
    })
    for _, code in ipairs { "F", "N", "Q", "a", "c" } do assert.is_true(has(other, code), code) end
    assert.matches("cfg/retry%-mode#adaptive", other)
    assert.is_true(has(agent_of("dynamodb", "list_tables"), "P"))
    assert.is_true(has(agent_of("dynamodb", "list_tables", {}, { account_id_endpoint_mode = "required",
      credentials = { access_key_id = "A", secret_access_key = "s", account_id = "123456789012" } }), "R"))
  end)

  it("tells what a call does", function()
    local put = { Bucket = "bucket", Key = "k", Body = "x" }
    assert.is_true(has(agent_of("s3", "put_object", put), "U"))
    put.ChecksumAlgorithm = "SHA256"
    assert.is_true(has(agent_of("s3", "put_object", put), "Y"))
    assert.is_true(has(agent_of("s3", "get_object",
      { Bucket = "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap", Key = "k" }), "S"))
    local metrics = { Namespace = "n", MetricData = {} }
    for i = 1, 300 do metrics.MetricData[i] = { MetricName = ("metric %d"):format(i):rep(8), Value = i } end
    assert.is_true(has(agent_of("cloudwatch", "put_metric_data", metrics), "L"))
    metrics.MetricData = { { MetricName = "m", Value = 1 } }
    assert.is_false(has(agent_of("cloudwatch", "put_metric_data", metrics), "L"))
  end)

  it("tells of pages and waiters", function(t)
    local fake = t:fake_service {
      { output = { TableNames = { "abc" } } },
      { output = { Table = { TableStatus = "ACTIVE" } } },
      { output = { TableNames = {} } },
    }
    local dynamodb = fake:client("dynamodb")
    for _ in dynamodb:pages "list_tables" do end
    dynamodb:wait("table_exists", { TableName = "abc" })
    dynamodb:list_tables()
    local agents = {}
    for i, seen in ipairs(fake.seen) do agents[i] = seen.headers["user-agent"] end
    assert.is_true(has(agents[1], "C") and not has(agents[1], "B"))
    assert.is_true(has(agents[2], "B") and not has(agents[2], "C"))
    assert.is_false(has(agents[3], "B") or has(agents[3], "C"))
  end)

  it("has the application's name, without what would end the word", function()
    assert.matches(" app/my%-app%-$", agent_of("sqs", "list_queues", {}, { sdk_ua_app_id = "my app(" }))
    assert.matches(" lib/mine#1%.0 app/x$", agent_of("sqs", "list_queues", {},
      { sdk_ua_app_id = "x", user_agent_extra = "lib/mine#1.0" }))
    assert.matches(" a%-%-b$", agent_of("sqs", "list_queues", {}, { user_agent_extra = "a\r\nb" }))
  end)

  it("is the caller's where the caller has one", function()
    assert.are.equal("mine", agent_of("sqs", "list_queues", {}, nil, { headers = { ["User-Agent"] = "mine" } }))
  end)
end)

describe("payload_signing_enabled", function()
  it("signs a file that a checksum and TLS would guard", function(t)
    local path = os.tmpname()
    awl.fs.write_file(path, "hello")
    t:finally(function() os.remove(path) end)
    for signing, wanted in pairs { [false] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                                   [true] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" } do
      local file <close> = awl.fs.open(path)
      local s3 = awl.client("s3", { region = "us-east-1", credentials = KEYS,
        payload_signing_enabled = signing })
      local request = s3:prepare("put_object", { Bucket = "bucket", Key = "k", Body = file })
      assert.are.equal(wanted, request.headers["X-Amz-Content-SHA256"])
    end
  end)
end)
