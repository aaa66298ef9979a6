-- Copies from another region, which carry a presigned URL. The URLs are those of botocore
-- 1.43.11 at the time of the test's clock.
local awl = require "awl"

local KEYS = { access_key_id = "AKIDTEST", secret_access_key = "secret" }

--- The pairs of a form.
local function form_of(text)
  local form = {}
  for name, value in text:gmatch "([^&=]+)=([^&]*)" do
    form[name] = value:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  end
  return form
end

local function sent(t, service, operation, input, options)
  local _ = t.clock
  local all = { region = "us-east-1", credentials = KEYS }
  for key, value in pairs(options or {}) do all[key] = value end
  return form_of(awl.client(service, all):prepare(operation, input).body)
end

describe("a copy from another region", function()
  it("carries a URL that the other region accepts, with RDS", function(t)
    local input = {
      SourceDBSnapshotIdentifier = "arn:aws:rds:eu-west-1:1:snapshot:x",
      TargetDBSnapshotIdentifier = "y", SourceRegion = "eu-west-1",
    }
    local form = sent(t, "rds", "copy_db_snapshot", input)
    assert.are.equal("https://rds.eu-west-1.amazonaws.com/?Action=CopyDBSnapshot&Version=2014-10-31&So"
      .. "urceDBSnapshotIdentifier=arn%3Aaws%3Ards%3Aeu-west-1%3A1%3Asnapshot%3Ax&TargetDB"
      .. "SnapshotIdentifier=y&DestinationRegion=us-east-1&X-Amz-Algorithm=AWS4-HMAC-SHA25"
      .. "6&X-Amz-Credential=AKIDTEST%2F20260101%2Feu-west-1%2Frds%2Faws4_request&X-Amz-Da"
      .. "te=20260101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature="
      .. "1dd8d458c1836889abde745b189805d0df28a55487e70c292822f594e16ed30a", form.PreSignedUrl)
    assert.is_nil(form.SourceRegion)
    assert.is_nil(form.DestinationRegion)
    assert.are.equal("eu-west-1", input.SourceRegion)
  end)

  it("names both regions, with EC2", function(t)
    local form = sent(t, "ec2", "copy_snapshot",
      { SourceRegion = "eu-west-1", SourceSnapshotId = "snap-1" })
    assert.are.equal("https://ec2.eu-west-1.amazonaws.com/?Action=CopySnapshot&Version=2016-11-15&Sour"
      .. "ceRegion=eu-west-1&SourceSnapshotId=snap-1&DestinationRegion=us-east-1&X-Amz-Alg"
      .. "orithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDTEST%2F20260101%2Feu-west-1%2Fec2%2"
      .. "Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders"
      .. "=host&X-Amz-Signature=0d5f1ffe3b2f104b6f33fb23b9e4961fb8865b18a017e3a17da8bdf006"
      .. "6d0aab", form.PresignedUrl)
    assert.are.equal("eu-west-1", form.SourceRegion)
    assert.are.equal("us-east-1", form.DestinationRegion)
  end)

  it("signs with a session's token too", function(t)
    local form = sent(t, "docdb", "create_db_cluster",
      { DBClusterIdentifier = "a", Engine = "docdb", SourceRegion = "eu-west-1" },
      { credentials = {
        access_key_id = "AKIDTEST", secret_access_key = "secret", session_token = "tok/en",
      } })
    assert.are.equal("https://rds.eu-west-1.amazonaws.com/?Action=CreateDBCluster&Version=2014-10-31&D"
      .. "BClusterIdentifier=a&Engine=docdb&DestinationRegion=us-east-1&X-Amz-Algorithm=AW"
      .. "S4-HMAC-SHA256&X-Amz-Credential=AKIDTEST%2F20260101%2Feu-west-1%2Frds%2Faws4_req"
      .. "uest&X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-A"
      .. "mz-Security-Token=tok%2Fen&X-Amz-Signature=116dba1ebc4fccef4e75fc75437f67bc3f207"
      .. "69d1f0dc669100093b0463098fc", form.PreSignedUrl)
  end)

  it("keeps a URL that the caller made", function(t)
    local form = sent(t, "neptune", "copy_db_cluster_snapshot", {
      SourceDBClusterSnapshotIdentifier = "a", TargetDBClusterSnapshotIdentifier = "b",
      SourceRegion = "eu-west-1", PreSignedUrl = "mine",
    })
    assert.are.equal("mine", form.PreSignedUrl)
    assert.is_nil(form.SourceRegion)
    form = sent(t, "ec2", "copy_snapshot",
      { SourceRegion = "eu-west-1", SourceSnapshotId = "snap-1", PresignedUrl = "mine" })
    assert.are.equal("mine", form.PresignedUrl)
    assert.is_nil(form.DestinationRegion)
  end)

  it("replaces a destination that the caller named", function(t)
    local form = sent(t, "ec2", "copy_snapshot", {
      DestinationRegion = "mars-1", SourceRegion = "eu-west-1", SourceSnapshotId = "snap-1",
    })
    assert.are.equal("us-east-1", form.DestinationRegion)
    assert.is_nil(form.PresignedUrl:find("mars", 1, true))
  end)

  it("within a region, or unsigned, has no URL", function(t)
    local input = { DBClusterIdentifier = "a", Engine = "aurora" }
    assert.is_nil(sent(t, "rds", "create_db_cluster", input).PreSignedUrl)
    input.SourceRegion = "eu-west-1"
    local form = sent(t, "rds", "create_db_cluster", input, { sign = false })
    assert.is_nil(form.PreSignedUrl)
    assert.is_nil(form.SourceRegion)
  end)
end)
