-- Client options that endpoint rules read.
local awl = require "awl"

local function url(service, operation, input, options)
  local all = {
    region = "us-east-1",
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  }
  for key, value in pairs(options or {}) do all[key] = value end
  return awl.client(service, all):prepare(operation, input).url
end

describe("client options for endpoints", function()
  it("choose the old global hosts of S3 and STS", function()
    local bucket = { Bucket = "data" }
    assert.are.equal("https://data.s3.us-east-1.amazonaws.com/?list-type=2",
      (url("s3", "list_objects_v2", bucket):gsub("[&]?encoding%-type=url[&]?", "")))
    assert.truthy(url("s3", "list_objects_v2", bucket,
      { s3_us_east_1_regional_endpoint = "legacy" }):find("^https://data%.s3%.amazonaws%.com/"))
    assert.are.equal("https://sts.us-east-1.amazonaws.com/", url("sts", "get_caller_identity"))
    assert.are.equal("https://sts.amazonaws.com/",
      url("sts", "get_caller_identity", nil, { sts_regional_endpoints = "legacy" }))
  end)

  it("keep to the client's region or follow a bucket's ARN", function()
    local input = { Bucket = "arn:aws:s3:eu-west-1:123456789012:accesspoint:mine", Key = "k" }
    assert.truthy(url("s3", "get_object", input):find("s3-accesspoint.eu-west-1", 1, true))
    local ok, err = pcall(url, "s3", "get_object", input, { use_arn_region = false })
    assert.is_false(ok)
    assert.are.equal("config", err.kind)
  end)

  it("send DynamoDB's calls to the account's own host unless it is disabled", function()
    local options = { credentials = {
      access_key_id = "AKIDTEST", secret_access_key = "secret", account_id = "123456789012",
    } }
    assert.are.equal("https://123456789012.ddb.us-east-1.amazonaws.com/",
      url("dynamodb", "list_tables", nil, options))
    options.account_id_endpoint_mode = "disabled"
    assert.are.equal("https://dynamodb.us-east-1.amazonaws.com/",
      url("dynamodb", "list_tables", nil, options))
    local ok = pcall(url, "dynamodb", "list_tables", nil,
      { account_id_endpoint_mode = "required" })
    assert.is_false(ok)
  end)

  it("find the account in the ARNs of a batch", function()
    local arn = "arn:aws:dynamodb:us-east-1:222222222222:table/t"
    assert.are.equal("https://222222222222.ddb.us-east-1.amazonaws.com/",
      url("dynamodb", "batch_get_item", {
        RequestItems = { [arn] = { Keys = { { id = { S = "1" } } } } },
      }, { credentials = {
        access_key_id = "AKIDTEST", secret_access_key = "secret", account_id = "123456789012",
      } }))
  end)

  it("refuse what does not go together", function()
    local ok, err = pcall(url, "sts", "get_caller_identity", nil,
      { endpoint_url = "http://127.0.0.1:9", use_fips_endpoint = true })
    assert.is_false(ok)
    assert.truthy(tostring(err):find("FIPS", 1, true))
  end)
end)
