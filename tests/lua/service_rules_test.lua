-- What single services want beside their models.
local awl = require "awl"

local function prepared(service, operation, input)
  local client = awl.client(service, {
    region = "us-east-1",
    credentials = { access_key_id = "AKID", secret_access_key = "secret" },
  })
  return client:prepare(operation, input)
end

describe("Route 53", function()
  it("takes ids as it gave them, in the path and in the body", function()
    local input = { Id = "/hostedzone/Z1" }
    local request = prepared("route53", "GetHostedZone", input)
    assert.are.equal("https://route53.amazonaws.com/2013-04-01/hostedzone/Z1", request.url)
    assert.are.equal("/hostedzone/Z1", input.Id)

    request = prepared("route53", "CreateHostedZone",
      { Name = "a/b", CallerReference = "c/d", DelegationSetId = "/delegationset/N1" })
    assert.truthy(request.body:find("<DelegationSetId>N1</DelegationSetId>", 1, true))
    assert.truthy(request.body:find("<Name>a/b</Name>", 1, true))
  end)
end)

describe("UserData", function()
  it("is encoded for EC2 and Auto Scaling, of any length", function()
    for _, length in ipairs { 0, 1, 47, 48, 49, 50, 1000 } do
      local text = ("\0\xff#!/bin/sh\n"):rep(length):sub(1, length)
      local input = { UserData = text, LaunchConfigurationName = "name" }
      local request = prepared("autoscaling", "CreateLaunchConfiguration", input)
      local sent = request.body:match("UserData=([^&]*)"):gsub("%%(%x%x)", function(hex)
        return string.char(tonumber(hex, 16))
      end)
      assert.are.equal(awl.base64.encode(text), sent)
      assert.are.equal(text, input.UserData)
    end
  end)

  it("is left alone elsewhere", function()
    local request = prepared("ec2", "CreateLaunchTemplate",
      { LaunchTemplateName = "name", LaunchTemplateData = { UserData = "eA==" } })
    assert.truthy(request.body:find("LaunchTemplateData.UserData=eA%3D%3D", 1, true))
  end)
end)

describe("Glacier", function()
  it("is told the version of its API, and the caller's account unless another is given", function()
    local request = prepared("glacier", "ListVaults")
    assert.truthy(request.url:find("/-/vaults$"))
    assert.are.equal("2012-06-01", request.headers["x-amz-glacier-version"])
    request = prepared("glacier", "ListVaults", { accountId = "123456789012" })
    assert.truthy(request.url:find("/123456789012/vaults$"))
  end)
end)

describe("API Gateway", function()
  it("is asked for JSON", function()
    local request = prepared("apigateway", "GetRestApis")
    assert.are.equal("application/json", request.headers.Accept)
  end)
end)

describe("S3 Control", function()
  it("has the account in its host once", function()
    local request = prepared("s3control", "GetPublicAccessBlock", { AccountId = "123456789012" })
    assert.truthy(request.url:find("^https://123456789012%.s3%-control%.us%-east%-1%."))
  end)
end)

describe("a copy source of S3", function()
  local function sent(source)
    return prepared("s3", "CopyObject",
      { Bucket = "bbb", Key = "k", CopySource = source }).headers["x-amz-copy-source"]
  end

  it("is encoded as a path", function()
    assert.are.equal("box/a%20b/%C3%BC%3F%2B", sent "box/a b/ü?+")
  end)

  it("keeps its version", function()
    assert.are.equal("box/a%20b%3Fc?versionId=x.Y", sent "box/a b?c?versionId=x.Y")
  end)
end)
