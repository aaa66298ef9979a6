-- Every setting of clients in every place where it may stand: which one counts.
local client_settings = require "awl.client_settings"
local config = require "awl.config"
local core_settings = require "awl.core.settings"

-- Two values of each kind: as text, and as a client gets them.
local VALUES = {
  boolean = { { "true", true }, { "TRUE", true }, { "yes", false } },
  integer = { { "7", 7 }, { "11", 11 } },
  list = { { "one, two", "one,two" }, { "three", "three" } },
  path = { { "/one.pem", "/one.pem" }, { "/two.pem", "/two.pem" } },
  region = { { "eu-west-1", "eu-west-1" }, { "ap-south-1", "ap-south-1" } },
  seconds = { { "1.5", 1.5 }, { "20", 20 } },
  text = { { "one", "one" }, { "two", "two" } },
}

-- What is wrong outside of scripts, and what the error says it must be.
local WRONG = {
  integer = { "many", "1.5", "-1" }, region = { "a b", "-a", "123" }, word = { "perhaps" },
}

local function values_of(setting)
  if setting.kind ~= "word" then return VALUES[setting.kind] end
  local values = {}
  for i, word in ipairs(setting.words) do values[i] = { word:upper(), word } end
  return values
end

local function sorted_names()
  local names = {}
  for name in pairs(client_settings.known) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local environment, profile

--- Puts a value where a key of the profile is.
local function put(key, text)
  if type(key) == "string" then
    profile[key] = text
  else
    profile[key[1]] = { [key[2]] = text }
  end
end

local function key_text(key) return type(key) == "table" and table.concat(key, ".") or key end

before_each(function(t)
  environment, profile = {}, {}
  stub(os, "getenv").invokes(function(name) return environment[name] end)
  stub(config, "profile").invokes(function() return profile end)
  t:finally(function()
    for name in pairs(client_settings.known) do core_settings[name] = nil end
  end)
end)

for _, name in ipairs(sorted_names()) do
  local setting = client_settings.known[name]
  local values = values_of(setting)
  local one, other = values[1], values[2]

  local function wins(value, source, given)
    local found, where = client_settings.get(name, "dev", given)
    assert.are.equal(value, found)
    assert.are.equal(source, where)
  end

  describe(name, function()
    it("is nothing where nobody says anything", function()
      assert.is_nil(client_settings.get(name, "dev"))
      for _, variable in ipairs(setting.env) do environment[variable] = "" end
      for _, key in ipairs(setting.keys) do put(key, "") end
      assert.is_nil(client_settings.get(name, "dev"))
    end)

    it("is taken from each place, the nearest first", function()
      for i = #setting.keys, 1, -1 do
        local value = i % 2 == 1 and one or other
        put(setting.keys[i], value[1])
        wins(value[2], ("%s in profile 'dev'"):format(key_text(setting.keys[i])))
      end
      for i = #setting.env, 1, -1 do
        local value = i % 2 == 1 and other or one
        environment[setting.env[i]] = value[1]
        wins(value[2], setting.env[i])
      end
      if setting.on_command_line then
        core_settings[name] = one[2]
        wins(one[2], "--" .. name:gsub("_", "-"))
      end
      wins(other[2], ("client option '%s'"):format(name), other[2])
    end)

    it("is each of its values", function()
      local place = setting.env[1] or setting.keys[1]
      for _, value in ipairs(place and values or {}) do
        if setting.env[1] then environment[place] = value[1] else put(place, value[1]) end
        assert.are.equal(value[2], (client_settings.get(name, "dev")))
      end
    end)

    it("names the place of what is wrong", function()
      for _, bad in ipairs(WRONG[setting.kind] or {}) do
        for _, key in ipairs(setting.keys) do
          profile = {}
          put(key, bad)
          local ok, err = pcall(client_settings.get, name, "dev")
          assert.is_false(ok)
          assert.are.equal(("%s in profile 'dev' must be "):format(key_text(key)),
            err:match "^.- must be ")
          assert.truthy(err:find(("not '%s'"):format(bad), 1, true))
        end
        for _, variable in ipairs(setting.env) do
          environment = { [variable] = bad }
          local ok, err = pcall(client_settings.get, name, "dev")
          assert.is_false(ok)
          assert.are.equal(variable .. " must be ", err:match "^.- must be ")
        end
        environment = {}
        assert.is_false(pcall(client_settings.get, name, "dev", bad))
      end
    end)
  end)
end

describe("a client's settings", function()
  local function resolve(given, service)
    return client_settings.resolve({ profile = "dev", region = "eu-west-1" }, given or {},
      service or "sqs")
  end

  it("follow the defaults mode where they are not set", function()
    assert.is_nil(resolve().connect_timeout)
    for mode, seconds in pairs { standard = 3.1, ["in-region"] = 1.1, mobile = 30, auto = 3.1 } do
      environment.AWS_DEFAULTS_MODE = mode
      assert.are.equal(seconds, resolve().connect_timeout)
      assert.are.equal(5, resolve({ connect_timeout = 5 }).connect_timeout)
    end
    environment = { AWS_DEFAULTS_MODE = "auto", AWS_EXECUTION_ENV = "AWS_Lambda",
      AWS_REGION = "eu-west-1" }
    assert.are.equal(1.1, resolve().connect_timeout)
    assert.are.equal(3.1, resolve({ region = "us-east-1" }).connect_timeout)
  end)

  it("have a switch of S3's own for dual-stack hosts", function()
    profile.s3 = { use_dualstack_endpoint = "true" }
    assert.is_true(resolve({}, "s3").use_dualstack_endpoint)
    assert.is_nil(resolve({}, "sqs").use_dualstack_endpoint)
    profile.use_dualstack_endpoint = "true"
    profile.s3.use_dualstack_endpoint = "false"
    assert.is_false(resolve({}, "s3").use_dualstack_endpoint)
    assert.is_true(resolve({}, "sqs").use_dualstack_endpoint)
    assert.is_true(resolve({ use_dualstack_endpoint = true }, "s3").use_dualstack_endpoint)
  end)

  it("take the old names of FIPS regions apart", function()
    local log = require "awl.log"
    local before = log.level "off"
    for _, region in ipairs { "fips-us-east-1", "us-east-1-fips" } do
      local options = resolve { region = region }
      assert.are.equal("us-east-1", options.region)
      assert.is_true(options.use_fips_endpoint)
    end
    log.level(before)
    assert.are.equal("eu-west-1", resolve().region)
  end)
end)
