-- How calls prove who makes them: SigV4, SigV4A, bearer tokens, and which of them.
local awl = require "awl"

local keys = { access_key_id = "AKIDTEST", secret_access_key = "secret" }

local function headers(service, operation, input, options)
  local all = { region = "eu-west-1", credentials = keys }
  for key, value in pairs(options or {}) do all[key] = value end
  return awl.client(service, all):prepare(operation, input).headers
end

local function algorithm(...)
  return (headers(...).Authorization:match "^%S+")
end

local function config_error(code, ...)
  local ok, err = pcall(headers, ...)
  assert.is_false(ok)
  assert.are.equal("config", err.kind)
  assert.are.equal(code, err.code)
  return err
end

describe("SigV4A", function()
  local mrap = { Bucket = "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap", Key = "k" }

  it("signs what goes to a multi-region access point of S3", function()
    local found = headers("s3", "get_object", mrap)
    assert.are.equal("*", found["X-Amz-Region-Set"])
    assert.truthy(found.Authorization:find("^AWS4%-ECDSA%-P256%-SHA256 Credential=AKIDTEST/%d+/s3/"))
    assert.truthy(found.Authorization:find("x-amz-region-set", 1, true))
    assert.truthy(found["X-Amz-Content-SHA256"])
  end)

  it("signs what goes to the multi-region endpoints of EventBridge and SES", function()
    local entry = { Source = "a", DetailType = "b", Detail = "{}" }
    assert.are.equal("AWS4-ECDSA-P256-SHA256", algorithm("events", "put_events",
      { EndpointId = "abc.123", Entries = { entry } }))
    assert.are.equal("AWS4-HMAC-SHA256", algorithm("events", "put_events",
      { Entries = { entry } }))
    assert.are.equal("AWS4-ECDSA-P256-SHA256", algorithm("sesv2", "send_email",
      { EndpointId = "abc.123", Content = {} }))
  end)

  it("takes the regions that the user names", function()
    local found = headers("s3", "get_object", mrap,
      { sigv4a_signing_region_set = { "us-east-1", "eu-*" } })
    assert.are.equal("us-east-1,eu-*", found["X-Amz-Region-Set"])
    found = headers("s3", "get_object", mrap, { sigv4a_signing_region_set = "us-east-1, *" })
    assert.are.equal("us-east-1,*", found["X-Amz-Region-Set"])
  end)

  it("presigns, with the regions in the query", function()
    local url, send = awl.client("s3", { region = "eu-west-1", credentials = keys })
      :presign("get_object", mrap, { expires_in = 60 })
    assert.truthy(url:find("X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256", 1, true))
    assert.truthy(url:find("&X-Amz-Region-Set=%2A&", 1, true))
    assert.truthy(url:find("%2Fs3%2Faws4_request", 1, true))
    assert.truthy(url:find "&X%-Amz%-Signature=30%x+$")
    assert.are.same({}, send)
  end)
end)

describe("auth_scheme_preference", function()
  it("chooses among what a service offers", function()
    assert.are.equal("AWS4-HMAC-SHA256", algorithm("sts", "get_caller_identity"))
    local found = headers("sts", "get_caller_identity", nil, { auth_scheme_preference = "sigv4a" })
    assert.are.equal("eu-west-1", found["X-Amz-Region-Set"])
    assert.are.equal("AWS4-HMAC-SHA256", algorithm("sustainability",
      "get_estimated_carbon_emissions",
      { TimePeriod = { Start = 0, End = 1 }, EmissionsTypes = { "TOTAL_MBM_CARBON_EMISSIONS" } },
      { auth_scheme_preference = { "sigv4", "sigv4a" } }))
  end)

  it("ignores what it does not know and what a service does not offer", function()
    assert.are.equal("AWS4-HMAC-SHA256", algorithm("sts", "get_caller_identity", nil,
      { auth_scheme_preference = "magic,httpBearerAuth,noAuth" }))
  end)
end)

describe("a bearer token", function()
  it("speaks for the calls of a service that takes nothing else", function()
    local found = headers("codecatalyst", "verify_session", {}, { token = "T0ken" })
    assert.are.equal("Bearer T0ken", found.Authorization)
    assert.is_nil(found["X-Amz-Date"])
  end)

  it("needs no credentials", function()
    local session = awl.session { token = "of the session", region = "us-west-2" }
    local client = session:client("bedrock-runtime")
    assert.are.equal("Bearer of the session",
      client:prepare("list_async_invokes", {}).headers.Authorization)
  end)

  it("comes from a function, which is asked again when it has expired", function()
    local asked = 0
    local client = awl.client("codecatalyst", { token = function()
      asked = asked + 1
      return "token " .. asked, asked == 1 and 1 or awl.time.now() + 3600
    end })
    local request
    for _ = 1, 3 do
      local ok, prepared = pcall(client.prepare, client, "verify_session", {})
      request = ok and prepared or request
    end
    assert.are.equal("Bearer token 2", request.headers.Authorization)
    assert.are.equal(2, asked)
  end)

  it("is missed where it is needed, and ignored where it is not", function()
    local err = config_error("NoToken", "codecatalyst", "verify_session", {})
    assert.truthy(err.message:find("token", 1, true))
    assert.are.equal("AWS4-HMAC-SHA256",
      algorithm("s3", "list_buckets", {}, { token = "T0ken" }))
  end)

  it("gives way to a preference and comes back by one", function()
    local list = { "bedrock", "list_foundation_models", {} }
    assert.are.equal("Bearer", algorithm(list[1], list[2], list[3], { token = "t" }))
    assert.are.equal("AWS4-HMAC-SHA256", algorithm(list[1], list[2], list[3],
      { token = "t", auth_scheme_preference = "sigv4" }))
    assert.are.equal("Bearer", algorithm(list[1], list[2], list[3],
      { token = "t", auth_scheme_preference = "httpBearerAuth" }))
    config_error("NoToken", list[1], list[2], list[3],
      { auth_scheme_preference = "httpBearerAuth" })
  end)

  it("stays out of plain http but on this machine", function()
    for _, url in ipairs { "http://example.com", "http://127.example.com:80", "http://10.0.0.1" } do
      local err = config_error("InsecureBearerToken", "codecatalyst", "verify_session", {},
        { token = "T0ken", endpoint_url = url })
      assert.is_nil(tostring(err):find("T0ken", 1, true))
    end
    for _, url in ipairs { "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1" } do
      assert.are.equal("Bearer", algorithm("codecatalyst", "verify_session", {},
        { token = "T0ken", endpoint_url = url }))
    end
  end)

  it("is not sent by who asks for unsigned requests", function()
    assert.is_nil(headers("codecatalyst", "verify_session", {}, { credentials = false })
      .Authorization)
    assert.is_nil(headers("codecatalyst", "verify_session", {}, { sign = false, token = "t" })
      .Authorization)
  end)

  it("cannot be put into a URL", function()
    local client = awl.client("codecatalyst", { token = "T0ken" })
    local ok, err = pcall(client.presign, client, "verify_session", {})
    assert.is_false(ok)
    assert.are.equal("input", err.kind)
  end)

  it("must be text without line ends", function()
    assert.is_false(pcall(awl.client, "codecatalyst", { token = 7 }))
    assert.is_false(pcall(headers, "codecatalyst", "verify_session", {}, { token = "a\r\nb: c" }))
  end)
end)
