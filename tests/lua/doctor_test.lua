-- What `awl doctor` says of the clock; tests/integration/doctor.sh has the rest.
local awl = require "awl"
local config = require "awl.config"
local doctor = require "awl.doctor"

local function http_date(offset)
  local at = math.tointeger(awl.time.now() // 1) + offset
  local clock = awl.time.iso(at):match "T(%d%d:%d%d:%d%d)"
  return ("Thu, 01 Jan 2026 %s GMT"):format(clock) -- the day of the test's clock
end

local function check_of(t, offset)
  local fake = t:fake_service(function()
    return { headers = { Date = http_date(offset) },
      output = { Account = "123456789012", Arn = "arn:aws:iam::123456789012:user/me" } }
  end)
  fake:speak "sts"
  t.clock:advance(12 * 3600) -- offsets stay within the day
  local environment = { AWS_ENDPOINT_URL = fake.url, AWS_ACCESS_KEY_ID = "AKIDTEST",
    AWS_SECRET_ACCESS_KEY = "very secret", AWS_REGION = "us-east-1" }
  stub(os, "getenv").invokes(function(name) return environment[name] end)
  stub(config, "profile").returns {}
  local found = {}
  for _, check in ipairs(doctor.run {}) do found[check.name] = check end
  assert.are.equal("arn:aws:iam::123456789012:user/me, account 123456789012", found.caller.text)
  return found.clock
end

describe("the doctor", function()
  it("finds a clock that is right", function(t)
    assert.are.same({ name = "clock", status = "ok", text = "as AWS's" }, check_of(t, 0))
  end)

  it("tells of one that is wrong, and when calls begin to fail", function(t)
    local check = check_of(t, 60)
    assert.are.equal("note", check.status)
    assert.matches("^%d+ s behind AWS's$", check.text)
    assert.matches("NTP", check.advice)
  end)

  it("takes one that is far off for a problem", function(t)
    local check = check_of(t, -600)
    assert.are.equal("problem", check.status)
    assert.matches("^%d+ s ahead of AWS's$", check.text)
  end)
end)
