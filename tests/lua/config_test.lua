-- AWS's shared files as text.
local awl = require "awl"
local config = require "awl.config"

local function empty()
  return { profiles = {}, sso_sessions = {}, services = {}, passed_over = {} }
end

local function parsed(text) return config.parse(empty(), text, "FILE", false) end

local function problem(text)
  local ok, err = pcall(parsed, text)
  assert.is_false(ok)
  return err
end

describe("a config file", function()
  it("has profiles, sessions and services", function()
    local result = parsed [[
[default]
region = eu-west-1

[profile dev]
region=eu-north-1
[profile "my team"]
region = us-east-1
[sso-session corp]
sso_region = eu-west-1
[services local]
s3 =
  endpoint_url = http://localhost:9000
[plugins]
cli_legacy_plugin_path = x]]
    assert.are.same({
      default = { region = "eu-west-1" }, dev = { region = "eu-north-1" },
      ["my team"] = { region = "us-east-1" },
    }, result.profiles)
    assert.are.same({ corp = { sso_region = "eu-west-1" } }, result.sso_sessions)
    assert.are.same({ ["local"] = { s3 = { endpoint_url = "http://localhost:9000" } } },
      result.services)
  end)

  it("has nested blocks, continued values, comments and blank lines", function()
    local result = parsed("[default]\r\n# a comment\r\nREGION = eu-west-1 ; why not\r\n" ..
      "s3 =\r\n  addressing_style = path\r\n\r\n  payload_signing_enabled = true\r\n" ..
      "role_arn = one\r\n  two\r\n")
    assert.are.same({ default = { region = "eu-west-1", role_arn = "one\ntwo",
      s3 = { addressing_style = "path", payload_signing_enabled = "true" } } }, result.profiles)
  end)

  it("keeps a '#' that belongs to a value", function()
    assert.are.equal("a#b", parsed("[default]\nx = a#b").profiles.default.x)
  end)

  it("adds to a section that stands twice", function()
    assert.are.same({ a = "1", b = "3" },
      parsed("[default]\na = 1\nb = 2\n[default]\nb = 3").profiles.default)
  end)

  it("takes [profile default] for the default, wherever [default] stands", function()
    for _, text in ipairs { "[default]\na = 1\n[profile default]\nb = 2",
                            "[profile default]\nb = 2\n[default]\na = 1" } do
      assert.are.same({ default = { b = "2" } }, parsed(text).profiles)
    end
  end)

  it("ignores sections and settings of a block whose names are none", function()
    assert.are.same({ dev = { a = "1", s3 = {} } },
      parsed("[profile in valid]\nx = 1\n[profile dev]\na = 1\ns3 =\n  in valid = 2").profiles)
  end)

  it("keeps credentials in sections with bare names", function()
    local result = config.parse(empty(), "[dev]\naws_access_key_id = A\n", "FILE", true)
    assert.are.same({ dev = { aws_access_key_id = "A" } }, result.profiles)
  end)

  it("tells who forgot a section's first word", function(t)
    local path = os.tmpname()
    t:finally(function() os.remove(path) end)
    awl.fs.write_file(path, "[dev]\nregion = eu-west-1\n")
    local result = awl.process.run { require "awl.core.process".self(), "--profile", "dev", "-e", "awl.client 's3'",
      env = { AWS_CONFIG_FILE = path } }
    assert.truthy(result.stderr:find(("; the section [dev] of %s must be called [profile dev]")
      :format(path), 1, true), result.stderr)
  end)

  it("that is malformed is named with the line", function()
    assert.are.equal("cannot read FILE: line 2: expected 'name = value' or '[section]'",
      problem "[default]\nregion")
    assert.are.equal("cannot read FILE: line 1: section without its closing ']'",
      problem "[default\n")
    assert.are.equal("cannot read FILE: line 1: setting before any section", problem "a = b")
    assert.are.equal("cannot read FILE: line 2: indented line that continues nothing",
      problem "[default]\n  a = b")
    assert.are.equal("cannot read FILE: line 3: expected 'name = value' in the block of 's3'",
      problem "[default]\ns3 =\n  nonsense")
  end)

  it("that is empty has no profiles", function()
    assert.are.same(empty(), parsed "")
    assert.are.same(empty(), parsed "\n# only a comment\n")
  end)
end)
