-- Forms for uploads to S3; tests/integration/presign.sh compares them with botocore's.
local awl = require "awl"

local function form(input, options)
  local all = {
    region = "eu-west-1",
    credentials = { access_key_id = "AKIDTEST", secret_access_key = "secret" },
  }
  for key, value in pairs(options or {}) do all[key] = value end
  return awl.client("s3", all):presign_post(input)
end

local function policy_of(made)
  return awl.json.decode(awl.base64.decode(made.fields.policy))
end

local function refused(wanted, ...)
  local ok, err = pcall(form, ...)
  assert.is_false(ok)
  assert.are.equal("input", err.kind)
  assert.truthy(err.message:find(wanted, 1, true), err.message)
end

describe("s3:presign_post", function()
  it("gives the bucket's URL and fields with a signed policy", function()
    local made = form { Bucket = "data", Key = "in/a b.txt" }
    assert.are.equal("https://data.s3.eu-west-1.amazonaws.com/", made.url)
    assert.are.equal("in/a b.txt", made.fields.key)
    assert.are.equal("AWS4-HMAC-SHA256", made.fields["x-amz-algorithm"])
    assert.truthy(made.fields["x-amz-credential"]:find "^AKIDTEST/%d+/eu%-west%-1/s3/aws4_request$")
    assert.are.equal(64, #made.fields["x-amz-signature"])
    assert.is_nil(made.fields["x-amz-security-token"])
    assert.are.same({
      { bucket = "data" }, { key = "in/a b.txt" }, { ["x-amz-algorithm"] = "AWS4-HMAC-SHA256" },
      { ["x-amz-credential"] = made.fields["x-amz-credential"] },
      { ["x-amz-date"] = made.fields["x-amz-date"] },
    }, policy_of(made).conditions)
  end)

  it("refuses what it would have to ignore, or S3 could not read", function()
    local s3 = awl.client("s3", { region = "eu-west-1", credentials = {
      access_key_id = "AKIDTEST", secret_access_key = "secret" } })
    local ok, err = pcall(s3.presign_post, s3, { Bucket = "data", Key = "k" }, { expires_in = 9 })
    assert.is_false(ok)
    assert.matches("one table", err.message)
    refused("Fields.acl", { Bucket = "data", Key = "k", Fields = { acl = 3 } })
    refused("Conditions[1]", { Bucket = "data", Key = "k", Conditions = { "acl" } })
  end)

  it("ends when it is told to", function()
    local made = form { Bucket = "data", Key = "k", expires_in = 60 }
    local date = made.fields["x-amz-date"]:gsub("^(....)(..)(..)T(..)(..)(..)Z$",
      "%1-%2-%3T%4:%5:%6Z")
    assert.are.equal(60, awl.time.parse(policy_of(made).expiration) - awl.time.parse(date))
  end)

  it("allows any name after a prefix, and what the caller's conditions say", function()
    local input = {
      Bucket = "data", Key = "in/${filename}", Fields = { acl = "private" },
      Conditions = { { acl = "private" }, { "content-length-range", 1, 10 } },
    }
    local made = form(input)
    local conditions = policy_of(made).conditions
    assert.are.same({ { acl = "private" }, { "content-length-range", 1, 10 }, { bucket = "data" },
      { "starts-with", "$key", "in/" } }, { table.unpack(conditions, 1, 4) })
    assert.are.equal("private", made.fields.acl)
    assert.are.equal(2, #input.Conditions)
    assert.are.same({ acl = "private" }, input.Fields)
  end)

  it("has the session's token among fields and conditions", function()
    local made = form({ Bucket = "data", Key = "k" }, { credentials = {
      access_key_id = "AKIDTEST", secret_access_key = "secret", session_token = "to/ken",
    } })
    local conditions = policy_of(made).conditions
    assert.are.equal("to/ken", made.fields["x-amz-security-token"])
    assert.are.same({ ["x-amz-security-token"] = "to/ken" }, conditions[#conditions])
  end)

  it("refuses what cannot be signed so", function()
    local input = { Bucket = "data", Key = "k" }
    refused("SigV4", input, { credentials = false })
    refused("SigV4", { Bucket = "arn:aws:s3::123456789012:accesspoint:abc.mrap", Key = "k" })
    refused("expires_in", { Bucket = "data", Key = "k", expires_in = 604801 })
    refused("unknown member 'Expires'", { Bucket = "data", Key = "k", Expires = 1 })
    refused("Key: required", { Bucket = "data" })
    refused("Fields: expected table", { Bucket = "data", Key = "k", Fields = 1 })
  end)

  it("is a method of S3's clients only", function()
    local sqs = awl.client("sqs", { region = "eu-west-1" })
    assert.is_false(pcall(function() return sqs.presign_post end))
  end)
end)
