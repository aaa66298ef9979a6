-- The emulator itself: who may call, which service is meant, what it does not know.
local function code_of(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err.code, err.status, err.message
end

describe("the emulator", function()
  it("says who calls", function(t)
    local emulator <close> = t:emulator()
    local answer = emulator:client "sts":get_caller_identity()
    assert.are.equal("000000000000", answer.Account)
    assert.are.equal("arn:aws:iam::000000000000:user/local", answer.Arn)
    assert.is_truthy(answer.ResponseMetadata.RequestId:find "^%x+%-%x+%-4%x+%-%x+%-%x+$")
  end)

  it("names an operation that it does not have", function(t)
    local emulator <close> = t:emulator()
    local s3 = emulator:client "s3"
    local code, status, message = code_of(s3.get_bucket_policy, s3, { Bucket = "audit-me" })
    assert.are.equal("NotImplemented", code)
    assert.are.equal(501, status)
    assert.is_truthy(message:find("s3:GetBucketPolicy", 1, true))
  end)

  it("names the operation of a service that it does not have", function(t)
    local emulator <close> = t:emulator()
    local dynamodb = emulator:client "dynamodb"
    local code, status, message = code_of(dynamodb.list_tables, dynamodb)
    assert.are.equal("NotImplemented", code)
    assert.are.equal(501, status)
    assert.is_truthy(message:find("dynamodb:ListTables", 1, true))
  end)

  it("answers an error in itself with InternalFailure and goes on", function(t)
    local emulator <close> = t:emulator()
    local sts = emulator:client "sts"
    emulator.services.sts = {
      GetCallerIdentity = function() error "meant by the test" end,
      GetSessionToken = function() return { Credentials = { AccessKeyId = 7 } } end,
    }
    local code, status, message = code_of(sts.get_caller_identity, sts)
    assert.are.equal("InternalFailure", code)
    assert.are.equal(500, status)
    assert.is_truthy(message:find("meant by the test", 1, true))
    assert.are.equal("InternalFailure", (code_of(sts.get_session_token, sts)))
    emulator.services.sts = nil
    assert.are.equal("000000000000", sts:get_caller_identity().Account)
  end)

  it("answers a query that the model does not allow with InvalidArgument", function(t)
    local emulator <close> = t:emulator()
    local s3 = emulator:client "s3"
    local code, status = code_of(s3.list_objects_v2, s3, { Bucket = "audit-me", MaxKeys = -1 })
    assert.are.equal("InvalidArgument", code)
    assert.are.equal(400, status)
  end)

  it("answers requests that nobody signed", function(t)
    local emulator <close> = t:emulator()
    local s3 = emulator:client("s3", { credentials = false })
    assert.are.equal("audit-me", s3:list_buckets().Buckets[1].Name)
    local sts = emulator:client("sts", { credentials = false })
    assert.are.equal("000000000000", sts:get_caller_identity().Account)
  end)
end)

describe("with verify", function()
  local WRONG = { access_key_id = "local", secret_access_key = "wrong" }
  local STRANGER = { access_key_id = "AKIDNOBODY", secret_access_key = "local" }

  it("the known key is let in", function(t)
    local emulator <close> = t:emulator { verify = true }
    emulator:client "sts":get_caller_identity()
    local s3 = emulator:client "s3"
    s3:create_bucket { Bucket = "box" }
    s3:put_object { Bucket = "box", Key = "a b/ü*'(", Body = "x" }
    assert.are.equal("x", s3:get_object { Bucket = "box", Key = "a b/ü*'(" }.Body:read "a")
  end)

  it("a wrong signature is refused, in each protocol's words", function(t)
    local emulator <close> = t:emulator { verify = true }
    local function refused(service, method, input)
      local client = emulator:client(service, { credentials = WRONG })
      return code_of(client[method], client, input)
    end
    local code, status = refused("s3", "list_buckets")
    assert.are.equal("SignatureDoesNotMatch", code)
    assert.are.equal(403, status)
    assert.are.equal("SignatureDoesNotMatch", (refused("sts", "get_caller_identity")))
    assert.are.equal("InvalidSignatureException",
      (refused("lambda", "invoke", { FunctionName = "f" })))
  end)

  it("SigV4A is checked as well", function(t)
    local emulator <close> = t:emulator { verify = true }
    local options = { auth_scheme_preference = "sigv4a", sigv4a_signing_region_set = "eu-west-1,*" }
    local sts = emulator:client("sts", options)
    assert.truthy(sts:prepare("get_caller_identity").headers["X-Amz-Region-Set"])
    assert.are.equal("000000000000", sts:get_caller_identity().Account)
    options.credentials = WRONG
    sts = emulator:client("sts", options)
    assert.are.equal("SignatureDoesNotMatch", (code_of(sts.get_caller_identity, sts)))
  end)

  it("an unknown key is refused", function(t)
    local emulator <close> = t:emulator { verify = true }
    local s3 = emulator:client("s3", { credentials = STRANGER })
    assert.are.equal("InvalidAccessKeyId", (code_of(s3.list_buckets, s3)))
    local sts = emulator:client("sts", { credentials = STRANGER })
    assert.are.equal("InvalidClientTokenId", (code_of(sts.get_caller_identity, sts)))
  end)

  it("a request without a signature is refused", function(t)
    local emulator <close> = t:emulator { verify = true }
    local s3 = emulator:client("s3", { credentials = false })
    local code, status = code_of(s3.list_buckets, s3)
    assert.are.equal("AccessDenied", code)
    assert.are.equal(403, status)
  end)

  it("the keys of an assumed role are let in", function(t)
    local emulator <close> = t:emulator { verify = true }
    local assumed = emulator:client "sts":assume_role {
      RoleArn = "arn:aws:iam::111122223333:role/reader", RoleSessionName = "me" }
    assert.are.equal("arn:aws:sts::111122223333:assumed-role/reader/me",
      assumed.AssumedRoleUser.Arn)
    local s3 = emulator:client("s3", { credentials = {
      access_key_id = assumed.Credentials.AccessKeyId,
      secret_access_key = assumed.Credentials.SecretAccessKey,
      session_token = assumed.Credentials.SessionToken,
    } })
    assert.are.equal(1, #s3:list_buckets().Buckets)
  end)
end)
