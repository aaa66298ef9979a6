local awl = require "awl"
local waiters = require "awl.core.waiter"

local function error_of(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local function table_is(status) return { output = { Table = { TableStatus = status } } } end

local no_table = { code = "ResourceNotFoundException", status = 400, message = "no table" }

describe("client:wait", function()
  it("calls at once and then after each delay, and returns the last output", function(t)
    local fake = t:fake_service { no_table, table_is "CREATING", table_is "ACTIVE" }
    local output = fake:client("dynamodb"):wait("table_exists", { TableName = "t" })
    assert.are.equal("ACTIVE", output.Table.TableStatus)
    assert.are.equal(3, fake.requests)
    assert.are.equal("DescribeTable", fake.seen[1].operation)
    assert.are.same({ 20, 20 }, t.clock:slept())
  end)

  it("sleeps not at all when what is waited for is there", function(t)
    local fake = t:fake_service { table_is "ACTIVE" }
    fake:client("dynamodb"):wait("TableExists", { TableName = "t" })
    assert.are.same({}, t.clock:slept())
  end)

  it("takes an error of the service for the answer it is", function(t)
    local fake = t:fake_service { table_is "DELETING", no_table }
    local output = fake:client("dynamodb"):wait("table_not_exists", { TableName = "t" },
      { delay = 1 })
    assert.is_nil(output)
    assert.are.same({ 1 }, t.clock:slept())
  end)

  it("gives up after its attempts, without a last sleep", function(t)
    local fake = t:fake_service { no_table, no_table }
    local err = error_of(function()
      fake:client("dynamodb"):wait("table_exists", { TableName = "t" },
        { delay = 3, max_attempts = 2 })
    end)
    assert.are.equal("timeout", err.kind)
    assert.are.equal("WaiterTimeout", err.code)
    assert.are.equal("ResourceNotFoundException", err.last_error.code)
    assert.are.equal("TableExists", err.waiter)
    assert.are.equal(2, err.attempts)
    assert.are.same({ 3 }, t.clock:slept())
  end)

  it("fails on an error that no acceptor knows", function(t)
    local fake = t:fake_service { { code = "AccessDeniedException", status = 400,
      message = "no" } }
    local err = error_of(function()
      fake:client("dynamodb"):wait("table_exists", { TableName = "t" })
    end)
    assert.are.equal("service", err.kind)
    assert.are.equal("WaiterFailed", err.code)
    assert.are.equal("AccessDeniedException", err.last_error.code)
    assert.truthy(tostring(err):find("AccessDeniedException", 1, true))
    assert.are.equal(1, fake.requests)
  end)

  it("fails when the model says that it never will be", function(t)
    local fake = t:fake_service { { output = { Configuration = { State = "Failed" } } } }
    local err = error_of(function()
      fake:client("lambda"):wait("function_active_v2", { FunctionName = "f" })
    end)
    assert.are.equal("WaiterFailed", err.code)
    assert.are.equal("Failed", err.last_output.Configuration.State)
    assert.truthy(tostring(err):find("Configuration.State is 'Failed'", 1, true))
  end)

  it("looks at all or any of a list", function(t)
    local function instances(...)
      local list = {}
      for i, name in ipairs { ... } do list[i] = { State = { Name = name } } end
      return { output = { Reservations = { { Instances = list } } } }
    end
    local fake = t:fake_service {
      { output = { Reservations = {} } }, instances("pending", "running"),
      instances("running", "running"), instances("running", "terminated"),
    }
    local ec2 = fake:client "ec2"
    ec2:wait "instance_running"
    assert.are.equal(3, fake.requests)
    assert.are.equal("WaiterFailed", error_of(ec2.wait, ec2, "instance_running").code)
  end)

  it("looks at the status", function(t)
    local fake = t:fake_service { { status = 404 }, { status = 200 }, { status = 404 } }
    local s3 = fake:client("s3", { addressing_style = "path" })
    s3:wait("bucket_exists", { Bucket = "b" })
    assert.are.equal(2, fake.requests)
    assert.is_nil(s3:wait("bucket_not_exists", { Bucket = "b" }))
  end)

  it("can wait for there being no error", function(t)
    local fake = t:fake_service {
      { code = "ResourceNotFoundException", status = 404, message = "no" },
      { output = { Configuration = { FunctionName = "f" } } },
    }
    local output = fake:client("lambda"):wait("function_exists", { FunctionName = "f" })
    assert.are.equal("f", output.Configuration.FunctionName)
    assert.are.same({ 1 }, t.clock:slept())
  end)

  it("leaves what is no answer as it is", function(t)
    local fake = t:fake_service {}
    local dynamodb = fake:client "dynamodb"
    local err = error_of(function()
      dynamodb:wait("table_exists", { TableNam = "t" })
    end)
    assert.are.equal("input", err.kind)
    assert.are.equal(0, fake.requests)
  end)

  it("can be canceled while it sleeps", function(t)
    local fake = t:fake_service { no_table }
    local err = error_of(awl.timeout, 5, function()
      fake:client("dynamodb"):wait("table_exists", { TableName = "t" })
    end)
    assert.are.equal("Timeout", err.code)
    assert.are.same({ 5 }, t.clock:slept())
  end)

  it("names the waiter that was meant", function(t)
    local dynamodb = t:fake_service({}):client "dynamodb"
    assert.truthy(tostring(error_of(dynamodb.wait, dynamodb, "table_exist"))
      :find("unknown waiter 'table_exist' of dynamodb; did you mean 'table_exists'", 1, true))
    assert.truthy(tostring(error_of(dynamodb.wait, dynamodb, "TableExist"))
      :find("'TableExists'", 1, true))
    local sts = t:fake_service({}):client "sts"
    assert.truthy(tostring(error_of(sts.wait, sts, "x")):find("has no waiters", 1, true))
  end)

  it("refuses options that make no sense", function(t)
    local dynamodb = t:fake_service({}):client "dynamodb"
    for _, options in ipairs { { delay = "1" }, { delay = -1 }, { max_attempts = 0 },
      { max_attempts = 1.5 } } do
      local ok, err = pcall(function()
        dynamodb:wait("table_exists", { TableName = "t" }, options)
      end)
      assert.is_false(ok)
      assert.truthy(tostring(err):find "^.*waiter_test.lua:%d+: ", tostring(err))
    end
  end)

  it("understands every waiter of the models", function()
    local matchers = { path = true, pathAll = true, pathAny = true, status = true, error = true }
    local count = 0
    for _, service in ipairs(require "awl.core.models".services()) do
      local client = awl.client(service, { region = "us-east-1" })
      for _, name in ipairs(waiters.names(client)) do
        local rules = waiters.find(client, name)
        assert.is_true(rules.delay > 0 and rules.max_attempts > 0, name)
        for _, acceptor in ipairs(rules.acceptors) do
          assert.is_true(matchers[acceptor.matcher], name)
          if acceptor.argument then
            assert.are.equal(acceptor.argument,
              tostring(awl.jmespath.compile(acceptor.argument)))
          end
        end
        count = count + 1
      end
    end
    assert.is_true(count > 300, count)
  end)
end)
