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

local function answered(t, service, operation, output, input)
  local fake = t:fake_service { { output = output } }
  return fake:client(service):call(operation, input)
end

describe("EC2", function()
  it("is given Filters where the model says Filter", function()
    local filters = { { Name = "a", Values = { "b" } } }
    local request = prepared("ec2", "DescribeHosts", { Filters = filters })
    assert.truthy(request.body:find("&Filter.1.Name=a&Filter.1.Value.1=b", 1, true))
    request = prepared("ec2", "DescribeHosts", { Filter = filters })
    assert.truthy(request.body:find("&Filter.1.Name=a", 1, true))
    local ok, err = pcall(prepared, "ec2", "DescribeHosts",
      { Filter = filters, Filters = filters })
    assert.is_false(ok)
    assert.are.equal("input", err.kind)
    assert.is_false(pcall(prepared, "ec2", "AllocateAddress", { Filters = filters }))
  end)

  it("answers with a console's output as it was written", function(t)
    local function output(text)
      return answered(t, "ec2", "get_console_output", { Output = text }, { InstanceId = "i-1" }).Output
    end
    local written = ("booting\n\xff"):rep(100)
    assert.are.equal(written, output(awl.base64.encode(written)))
    assert.are.equal("not base64!", output "not base64!")
    assert.is_nil(output(nil))
  end)
end)

describe("CloudWatch Logs", function()
  it("is given fromTime for from", function()
    local request = prepared("logs", "CreateExportTask",
      { logGroupName = "g", fromTime = 1, to = 2, destination = "b" })
    assert.are.equal(1, awl.json.decode(request.body).from)
  end)
end)

describe("CloudSearch", function()
  it("is searched by a form", function()
    local client = awl.client("cloudsearchdomain", {
      region = "us-east-1", endpoint_url = "https://search.example.com",
      credentials = { access_key_id = "AKID", secret_access_key = "secret" },
    })
    local request = client:prepare("Search", { query = "a b", returnFields = "title" })
    assert.are.equal("POST", request.method)
    assert.are.equal("https://search.example.com/2013-01-01/search", request.url)
    assert.are.equal("application/x-www-form-urlencoded", request.headers["Content-Type"])
    assert.are.equal("format=sdk&pretty=true&q=a%20b&return=title", request.body)
    request = client:prepare("Suggest", { query = "a", suggester = "s" })
    assert.are.equal("GET", request.method)
  end)

  it("is searched by a URL if that is what is asked for", function()
    local url = awl.client("cloudsearchdomain", {
      region = "us-east-1", endpoint_url = "https://search.example.com",
      credentials = { access_key_id = "AKID", secret_access_key = "secret" },
    }):presign("Search", { query = "a" })
    assert.truthy(url:find("/search?format=sdk&pretty=true&q=a&X-Amz-", 1, true))
  end)
end)

describe("IAM", function()
  local encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22"
    .. "%3A%22Allow%2BDeny%22%7D%5D%7D"

  it("answers with policies as tables, wherever they stand", function(t)
    local policy = answered(t, "iam", "get_role_policy",
      { RoleName = "r", PolicyName = "p", PolicyDocument = encoded },
      { RoleName = "r", PolicyName = "p" }).PolicyDocument
    assert.are.equal("2012-10-17", policy.Version)
    assert.are.equal("Allow+Deny", policy.Statement[1].Effect)
    local roles = answered(t, "iam", "list_roles", { Roles = {
      { RoleName = "r", Path = "/", RoleId = ("i"):rep(16), Arn = ("a"):rep(20), CreateDate = 0,
        AssumeRolePolicyDocument = encoded },
    } }).Roles
    assert.are.equal("2012-10-17", roles[1].AssumeRolePolicyDocument.Version)
    assert.are.equal("r", roles[1].RoleName)
  end)

  it("answers with text that is no policy as it is", function(t)
    for _, text in ipairs { "no%20policy", "{", "{} {}", "%7B%22" } do
      assert.are.equal(text, answered(t, "iam", "get_role_policy",
        { RoleName = "r", PolicyName = "p", PolicyDocument = text },
        { RoleName = "r", PolicyName = "p" }).PolicyDocument)
    end
  end)
end)

describe("CloudFormation", function()
  it("answers with a template in JSON as a table, with one in YAML as text", function(t)
    local function body(text)
      return answered(t, "cloudformation", "get_template", { TemplateBody = text },
        { StackName = "s" }).TemplateBody
    end
    assert.are.same({ Resources = { A = { Type = "x" } } },
      body '{ "Resources": { "A": { "Type": "x" } } }')
    assert.are.equal("Resources:\n  A: {}\n", body "Resources:\n  A: {}\n")
  end)
end)

local function error_of(t, service, operation, input, answer)
  local fake = t:fake_service(function() return answer end)
  local client = fake:client(service, { max_attempts = 2 })
  local ok, err = pcall(client.call, client, operation, input)
  assert.is_false(ok)
  return err, fake.requests
end

describe("errors of single services", function()
  it("have the message that OAuth calls a description", function(t)
    local err = error_of(t, "sso-oidc", "create_token",
      { clientId = "c", clientSecret = "s", grantType = "g" },
      { status = 400, headers = { ["x-amzn-errortype"] = "AuthorizationPendingException" },
        body = '{"error":"authorization_pending","error_description":"not yet"}' })
    assert.are.equal("AuthorizationPendingException", err.code)
    assert.are.equal("not yet", err.message)
    assert.are.equal("authorization_pending", err.error)
  end)

  it("have the code that SQS once had", function(t)
    local err = error_of(t, "sqs", "get_queue_url", { QueueName = "q" }, {
      status = 400, body = '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}',
      headers = { ["x-amzn-query-error"] = "AWS.SimpleQueueService.NonExistentQueue;Sender" },
    })
    assert.are.equal("AWS.SimpleQueueService.NonExistentQueue", err.code)
    assert.are.equal("Sender", err.type)
  end)

  it("are worth another attempt when an identity provider was not reached", function(t)
    local err, requests = error_of(t, "sts", "assume_role_with_web_identity",
      { RoleArn = ("a"):rep(20), RoleSessionName = "s1", WebIdentityToken = "token" },
      { code = "IDPCommunicationError", status = 400, message = "m" })
    assert.are.equal("IDPCommunicationError", err.code)
    assert.are.equal(2, requests)
  end)
end)

describe("requests that nobody has to sign", function()
  it("are not signed", function()
    local requests = {
      prepared("cognito-identity", "GetId", { IdentityPoolId = "us-east-1:x" }),
      prepared("cognito-identity", "GetOpenIdToken", { IdentityId = "us-east-1:x" }),
      prepared("cognito-identity", "UnlinkIdentity",
        { IdentityId = "us-east-1:x", Logins = {}, LoginsToRemove = {} }),
      prepared("cognito-identity", "GetCredentialsForIdentity", { IdentityId = "us-east-1:x" }),
      prepared("sts", "AssumeRoleWithSAML", { RoleArn = ("a"):rep(20),
        PrincipalArn = ("a"):rep(20), SAMLAssertion = "abcd" }),
    }
    for _, request in ipairs(requests) do assert.is_nil(request.headers.Authorization) end
    assert.truthy(prepared("cognito-identity", "DescribeIdentity",
      { IdentityId = "us-east-1:x" }).headers.Authorization)
  end)
end)

describe("an invocation whose function failed", function()
  it("is an answer, not an error", function(t)
    local fake = t:fake_service { {
      status = 200, headers = { ["X-Amz-Function-Error"] = "Unhandled" }, body = '{"a":1}',
    } }
    local answer = fake:client("lambda"):invoke { FunctionName = "f" }
    assert.are.equal("Unhandled", answer.FunctionError)
    assert.are.equal('{"a":1}', answer.Payload)
  end)
end)

describe("times in milliseconds", function()
  it("keep their fraction", function()
    local request = prepared("bedrock-agentcore", "CreateEvent", {
      memoryId = "m-0123456789", actorId = "a", eventTimestamp = 1700000000.125, payload = {},
    })
    assert.truthy(request.body:find("1700000000.125", 1, true), request.body)
  end)
end)

describe("SimpleDB", function()
  it("is signed in the form, anew with each attempt", function(t)
    local fake = t:fake_service {
      { status = 503, body = "" }, { output = { DomainNames = { "a", "b" } } },
    }
    local answer = fake:client("sdb"):list_domains()
    assert.are.same({ "a", "b" }, answer.DomainNames)
    for i = 1, 2 do
      local _, count = fake.seen[i].body:gsub("&Signature=", "")
      assert.are.equal(1, count)
      assert.is_nil(fake.seen[i].headers.authorization)
    end
  end)

  it("is signed with a session's token, its pairs in the order of their names", function(t)
    local _ = t.clock
    local attributes = {}
    for i = 0, 10 do attributes[i + 1] = { Name = "a" .. i, Value = "v ü", Replace = true } end
    local request = awl.client("sdb", { region = "us-east-1", credentials = {
      access_key_id = "AKIDTEST", secret_access_key = "secret", session_token = "to/k+n",
    } }):prepare("put_attributes", { DomainName = "d", ItemName = "i", Attributes = attributes })
    assert.matches("&SecurityToken=to%%2Fk%%2Bn&", request.body)
    assert.matches("&Signature=if9kymAczpAUteXtsgY7pGnNv39xJhMbYmZ1ndPDwRA%%3D$", request.body)
  end)
end)
