-- Operations that answer in pages.
local awl = require "awl"

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

--- A fake that gives these pages of tables, each with the name to go on from.
local function table_pages(t, pages)
  local script = {}
  for i, names in ipairs(pages) do
    script[i] = { output = { TableNames = names,
      LastEvaluatedTableName = i < #pages and names[#names] or nil } }
  end
  local fake = t:fake_service(script)
  return fake:client "dynamodb", fake
end

describe("pages", function()
  it("asks for one page after the other", function(t)
    local dynamodb, fake = table_pages(t, { { "aaa", "bbb" }, { "ccc" }, { "ddd" } })
    local seen = {}
    for page in dynamodb:pages("list_tables", { Limit = 2 }) do
      seen[#seen + 1] = table.concat(page.TableNames, ",")
    end
    assert.are.same({ "aaa,bbb", "ccc", "ddd" }, seen)
    assert.are.equal('{"Limit":2}', fake.seen[1].body)
    assert.are.equal("bbb", awl.json.decode(fake.seen[2].body).ExclusiveStartTableName)
    assert.are.equal(2, awl.json.decode(fake.seen[2].body).Limit)
    assert.are.equal("ccc", awl.json.decode(fake.seen[3].body).ExclusiveStartTableName)
  end)

  it("asks for no page before it is wanted", function(t)
    local dynamodb, fake = table_pages(t, { { "aaa" }, { "bbb" } })
    for _ in dynamodb:pages "list_tables" do break end
    assert.are.equal(1, fake.requests)
  end)

  it("stays ended", function(t)
    local pages = table_pages(t, { { "aaa" } }):pages "ListTables"
    assert.is_table(pages())
    assert.is_nil(pages())
    assert.is_nil(pages())
  end)

  it("does not change its input", function(t)
    local input = { Limit = 1 }
    for _ in table_pages(t, { { "aaa" }, { "bbb" } }):pages("list_tables", input) do end -- luacheck: ignore
    assert.are.same({ Limit = 1 }, input)
  end)

  it("gives the call's options to every page", function(t)
    local dynamodb, fake = table_pages(t, { { "aaa" }, { "bbb" } })
    for _ in dynamodb:pages("list_tables", {}, { headers = { ["X-Mine"] = "yes" } }) do end -- luacheck: ignore
    assert.are.equal("yes", fake.seen[1].headers["x-mine"])
    assert.are.equal("yes", fake.seen[2].headers["x-mine"])
  end)

  it("fails when the service gives the same token twice", function(t)
    local fake = t:fake_service(function()
      return { output = { TableNames = { "aaa" }, LastEvaluatedTableName = "aaa" } }
    end)
    local pages = fake:client("dynamodb"):pages "list_tables"
    pages()
    local err = failure(pages)
    assert.are.equal("PaginationError", err.code)
    assert.matches("same token twice", tostring(err))
    assert.are.equal(2, fake.requests)
  end)

  it("raises what a page's call raises", function(t)
    local fake = t:fake_service { { code = "ValidationException", status = 400 } }
    assert.are.equal("ValidationException",
      failure(fake:client("dynamodb"):pages "list_tables").code)
  end)

  it("ends where the service says that there is no more", function(t)
    local fake = t:fake_service {
      { output = { IsTruncated = true, NextContinuationToken = "n", Contents = { { Key = "a" } } } },
      { output = { IsTruncated = false, Contents = { { Key = "b" } } } },
    }
    local keys = {}
    for object in fake:client("s3"):pages("list_objects_v2", { Bucket = "bbb" }):items() do
      keys[#keys + 1] = object.Key
    end
    assert.are.same({ "a", "b" }, keys)
    assert.matches("continuation%-token=n", fake.seen[2].query)
  end)

  it("takes the last key where S3's older listing gives no marker", function(t)
    local fake = t:fake_service {
      { output = { IsTruncated = true, Contents = { { Key = "a" }, { Key = "b" } } } },
      { output = { IsTruncated = false, Contents = { { Key = "c" } } } },
    }
    local count = 0
    for _ in fake:client("s3"):pages("list_objects", { Bucket = "bbb" }):items() do
      count = count + 1
    end
    assert.are.equal(3, count)
    assert.matches("marker=b", fake.seen[2].query)
  end)

  it("says which operations answer in one page", function(t)
    local fake = t:fake_service {}
    assert.matches("put_item answers in one page",
      tostring(failure(function() return fake:client("dynamodb"):pages "put_item" end)))
    assert.matches("list_tables",
      tostring(failure(function() return fake:client("dynamodb"):pages "list_table" end)))
  end)

  it("follows NextToken where the model tells of no paginator", function(t)
    local core = require "awl.core.client"
    local fake = t:fake_service {}
    -- Found by its members: a paginator without a list of its own.
    local rules = core.paginator(fake:client "sagemaker-geospatial", "list_raster_data_collections")
    assert.is_table(rules)
    for _, case in ipairs { { "cloudformation", "ListTypeRegistrations" },
                            { "ssm", "DescribePatchProperties" } } do
      local found = core.paginator(fake:client(case[1]), case[2])
      assert.are.same({ "NextToken" }, found and found.input_tokens, case[1])
    end
  end)
end)

describe("items", function()
  it("gives those of all pages, empty ones in between", function(t)
    local names = {}
    local dynamodb, fake = table_pages(t, { { "aaa", "bbb" }, { "ccc" } })
    for name in dynamodb:pages("list_tables"):items() do names[#names + 1] = name end
    assert.are.same({ "aaa", "bbb", "ccc" }, names)
    assert.are.equal(2, fake.requests)
  end)

  it("gives those of an empty page that has a next one", function(t)
    local fake = t:fake_service {
      { output = { IsTruncated = true, NextContinuationToken = "n" } },
      { output = { IsTruncated = false, Contents = { { Key = "b" } } } },
    }
    local keys = {}
    for object in fake:client("s3"):pages("list_objects_v2", { Bucket = "bbb" }):items() do
      keys[#keys + 1] = object.Key
    end
    assert.are.same({ "b" }, keys)
  end)

  it("gives another list by its name", function(t)
    local fake = t:fake_service { { output = { IsTruncated = false,
      Contents = { { Key = "x" } }, CommonPrefixes = { { Prefix = "a/" } } } } }
    local prefixes = {}
    for prefix in fake:client("s3"):pages("list_objects_v2", { Bucket = "bbb" })
      :items "CommonPrefixes" do
      prefixes[#prefixes + 1] = prefix.Prefix
    end
    assert.are.same({ "a/" }, prefixes)
  end)

  it("are refused when no page has a list of that name", function(t)
    local pages = t:fake_service {}:client "s3":pages("list_objects_v2", { Bucket = "bbb" })
    assert.matches("the output of ListObjectsV2 has no 'Contnets'; did you mean 'Contents'?",
      failure(pages.items, pages, "Contnets"), 1, true)
    pages:items "Contents[].Key"
    pages:items "[Contents, CommonPrefixes][]"
  end)

  it("are not taken for a list, nor their method for a function", function(t)
    local pages = t:fake_service {}:client "s3":pages "list_buckets"
    for _, value in ipairs { pages, (pages:items()) } do
      assert.matches("for page in client:pages", failure(function() return value[1] end), 1, true)
      assert.matches("are no list", failure(function() return #value end), 1, true)
      assert.is_nil(value.nothing)
    end
    assert.matches("with a colon", failure(pages.items), 1, true)
  end)

  it("ask for no more pages once their loop is left", function(t)
    local dynamodb, fake = table_pages(t, { { "aaa" }, { "bbb" } })
    local items = dynamodb:pages("list_tables"):items()
    for _ in items, nil, nil, items do break end
    assert.is_nil(items())
    assert.are.equal(1, fake.requests)
  end)

  it("are what awl.map works on", function(t)
    local dynamodb = table_pages(t, { { "aaa", "bbb" }, { "ccc" } })
    local run = awl.map(dynamodb:pages("list_tables"):items(), string.upper)
    assert.are.same({ "AAA", "BBB", "CCC" }, run.results)
  end)
end)
