-- The option `protocol`: which of its protocols a service is spoken to in.
local awl = require "awl"

local QUERY = [[<DescribeAlarmsResponse><DescribeAlarmsResult><MetricAlarms><member>
<AlarmName>a</AlarmName><Threshold>1.5</Threshold></member></MetricAlarms>
</DescribeAlarmsResult></DescribeAlarmsResponse>]]
local JSON = [[{"MetricAlarms":[{"AlarmName":"a","Threshold":1.5}]}]]
local CBOR = "\xA1\x6CMetricAlarms\x81\xA2\x69AlarmName\x61a\x69Threshold"
  .. "\xFB" .. string.pack(">d", 1.5)

--- The request of a client that is given `body` as its answer.
local function ask(t, options, body, content_type)
  local fake = t:fake_service {
    { status = 200, body = body, headers = { ["Content-Type"] = content_type,
      ["smithy-protocol"] = content_type == "application/cbor" and "rpc-v2-cbor" or nil } },
  }
  local alarm = fake:client("cloudwatch", options)
    :describe_alarms { AlarmNames = { "a" } }.MetricAlarms[1]
  assert.are.same({ AlarmName = "a", Threshold = 1.5 }, alarm)
  return fake.seen[1]
end

local function refusal(service, protocol)
  local ok, err = pcall(awl.client, service, { region = "eu-west-1", protocol = protocol })
  assert.is_false(ok)
  return err
end

describe("a service with several protocols", function()
  it("is spoken to in JSON where the client says nothing", function(t)
    local seen = ask(t, nil, JSON, "application/x-amz-json-1.0")
    assert.are.equal("application/x-amz-json-1.0", seen.headers["content-type"])
  end)

  it("is spoken to in the one that the client names", function(t)
    local seen = ask(t, { protocol = "query" }, QUERY, "text/xml")
    assert.matches("^application/x%-www%-form%-urlencoded", seen.headers["content-type"])
    assert.matches("Action=DescribeAlarms&", seen.body, 1, true)
    assert.matches("AlarmNames.member.1=a", seen.body, 1, true)

    seen = ask(t, { protocol = "smithy-rpc-v2-cbor" }, CBOR, "application/cbor")
    assert.are.equal("rpc-v2-cbor", seen.headers["smithy-protocol"])
    assert.matches("/operation/DescribeAlarms$", seen.path)

    seen = ask(t, { protocol = "json" }, JSON, "application/x-amz-json-1.0")
    assert.matches("%.DescribeAlarms$", seen.headers["x-amz-target"])
  end)

  it("reads an error as that protocol has it", function(t)
    local fake = t:fake_service {
      { status = 400, headers = { ["Content-Type"] = "text/xml" },
        body = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidNextToken</Code>"
          .. "<Message>no</Message></Error></ErrorResponse>" },
    }
    local ok, err = pcall(function()
      fake:client("cloudwatch", { protocol = "query" }):describe_alarms {}
    end)
    assert.is_false(ok)
    assert.are.equal("InvalidNextToken", err.code)
    assert.are.equal("no", err.message)
  end)

  it("has clients of each side by side", function()
    local function type_of(protocol)
      return awl.client("cloudwatch", {
        region = "eu-west-1", protocol = protocol,
        credentials = { access_key_id = "a", secret_access_key = "b" },
      }):prepare("list_metrics", {}).headers["Content-Type"]
    end
    local query, cbor = type_of "query", type_of "smithy-rpc-v2-cbor"
    assert.matches("form", query)
    assert.are.equal("application/cbor", cbor)
    assert.are.equal(query, type_of "query")
    assert.matches("json", type_of(nil))
  end)
end)

describe("a protocol that the service does not list", function()
  it("is an error that names those it has", function()
    local err = refusal("cloudwatch", "rest-xml")
    assert.are.equal("config", err.kind)
    assert.are.equal("cloudwatch has no protocol 'rest-xml'; "
      .. "there is json, smithy-rpc-v2-cbor, query", err.message)
    assert.are.equal("s3 has no protocol 'JSON'; there is rest-xml", refusal("s3", "JSON").message)
  end)

  it("must be a text", function()
    assert.matches("'protocol' must be a text", refusal("s3", 5).message)
  end)
end)
