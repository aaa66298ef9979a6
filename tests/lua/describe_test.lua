local core = require "awl.core.model"
local example = require "awl.describe.example"
local html = require "awl.describe.html"
local new_page = require "awl.describe.page"
local search = require "awl.describe.search"
local tell = require "awl.describe"

-- As if there were no documentation, whatever the user has.
local no_docs = {}
function no_docs.exists() return false end
function no_docs.text() end
function no_docs.of_member() end

local function open(service, options)
  local context = tell.open(service, options)
  context.docs = options and options.docs or no_docs
  return context
end

local function page_of(service, name, options)
  local context = open(service, options)
  context.page = new_page()
  tell.write(context, tell.find(context, name))
  return context.page:text()
end

local function data_of(service, name)
  local context = open(service)
  return tell.data(context, tell.find(context, name))
end

local function has(text, part)
  assert.truthy(text:find(part, 1, true), ("%q is not there"):format(part))
end

local function has_not(text, part)
  assert.falsy(text:find(part, 1, true), ("%q is there"):format(part))
end

local function texts(blocks)
  local list = {}
  for i, block in ipairs(blocks) do list[i] = (block.bullet or "") .. block.text end
  return list
end

describe("awl.core.model", function()
  it("gives a service's facts", function()
    local service = core.open "s3":service()
    assert.are.equal("Amazon Simple Storage Service", service.full_name)
    assert.are.equal("rest-xml", service.protocol)
    assert.are.same({ "rest-xml" }, service.protocols)
  end)

  it("gives an operation by either name, and nil for no such", function()
    local model = core.open "lambda"
    local operation = model:operation "invoke"
    assert.are.same(operation, model:operation "Invoke")
    assert.are.equal("POST", operation.http_method)
    assert.is_false(operation.repeatable)
    assert.is_nil(operation.readonly)
    assert.are.equal("InvocationRequest", model:shapes()[operation.input])
    assert.is_nil(model:operation "invokes")
  end)

  it("gives shapes with their members, in the declared order", function()
    local model = core.open "lambda"
    local shape = model:shape(model:operation "Invoke".input)
    assert.are.equal("structure", shape.type)
    assert.are.equal("Payload", shape.payload)
    local first = shape.members[1]
    assert.are.equal("FunctionName", first.name)
    assert.are.equal("uri", first.location)
    assert.is_true(first.required)
    assert.are.same({ "Event", "RequestResponse", "DryRun" },
      model:shape(shape.members[2].shape).enum)
  end)

  it("refuses places where there is no shape", function()
    local model = core.open "sts"
    for _, place in ipairs { 0, -1, #model:shapes() + 1, math.maxinteger, math.mininteger } do
      assert.is_false(pcall(model.shape, model, place))
    end
    assert.is_false(pcall(model.shape, io.stdout, 1))
  end)

  it("gives a paginator also where only the members tell of one", function()
    local model = core.open "s3"
    local paginator = model:operation "ListObjectsV2".paginator
    assert.are.same({ "ContinuationToken" }, paginator.input_tokens)
    assert.are.same({ "Contents", "CommonPrefixes" }, paginator.result_keys)
    assert.is_nil(model:operation "GetObject".paginator)
  end)
end)

describe("awl describe", function()
  it("finds names in any style", function()
    local context = open "s3"
    for _, name in ipairs { "ListBuckets", "list_buckets", "list-buckets", "LISTBUCKETS" } do
      local kind, record = tell.find(context, name)
      assert.are.equal("operation", kind)
      assert.are.equal("ListBuckets", record.name)
    end
    for _, name in ipairs { "LEXV2-Models", "lexv2_models", "lex models" } do
      assert.truthy(open(name).catalog.service.name:find "^lex")
    end
    assert.are.equal("shape", (tell.find(context, "bucket-cannedACL")))
    assert.are.equal("waiter", (tell.find(context, "bucket-exists")))
    assert.are.equal("service", (tell.find(context)))
  end)

  it("takes what is spelt exactly so before what is only like it", function()
    local context = open "medialive" -- a shape is called as an operation but for its case
    for _, name in ipairs(context.catalog:shape_names()) do
      local kind, record = tell.find(context, name)
      assert.are.equal(name, record.name)
      assert.truthy(kind == "shape" or context.catalog.model:operation(name))
    end
  end)

  it("names what is nearest to a wrong name", function()
    local kind, message = tell.find(open "s3", "put_objct")
    assert.is_nil(kind)
    has(message, "s3 has no operation, shape or waiter 'put_objct'; did you mean 'put_object'")
    has(select(2, tell.find(open "ec2", "Filtr")), "'Filter'")
    assert.has_error(function() tell.open "dinamodb" end)
  end)

  it("shows how an operation is called, and what it takes and gives", function()
    local page = page_of("lambda", "invoke")
    has(page, "lambda:invoke { FunctionName = string, ... } -> { StatusCode, ")
    has(page, "FunctionName          string, required, 1 to 256 characters\n")
    has(page, "InvocationType        string, one of Event, RequestResponse, DryRun\n")
    has(page, "StatusCode           integer\n")
    has(page, "TooManyRequestsException                  status 429\n")
    has(page, 'local output = lambda:invoke { FunctionName = "..." }\n')
    has(page, "Never sent again")
    has(page, "awl models update")
  end)

  it("says why a call may be sent again", function()
    has(page_of("s3", "get_object"), "Only reads:")
    has(page_of("ec2", "describe_instances"), "Only reads, by its name")
    has(page_of("s3", "put_object"), "done twice it has the effect of once")
    has(page_of("dynamodb", "transact_write_items"),
      "idempotency token ClientRequestToken")
  end)

  it("shows pages and waiters with the call to write", function()
    local page = page_of("s3", "list_objects_v2")
    has(page, '  for page in s3:pages("list_objects_v2", { Bucket = "..." }) do\n')
    has(page, "items: Contents, CommonPrefixes; page size: MaxKeys")
    page = page_of("s3", "head_bucket")
    has(page, '  s3:wait("bucket_exists", { Bucket = "..." })\n')
    has(page, "asks every 5 s, at most 20 times")
    has(page_of("s3", "BucketExists"), "retry    the HTTP status is 404\n")
  end)

  it("shows structures within structures to a depth, and says that there are more", function()
    local page = page_of("ec2", "describe_instances", { depth = 2 })
    has(page, "Instances      list of Instance {...}\n")
    has(page, "--depth 3 shows them")
    page = page_of("ec2", "describe_instances", { depth = 3 })
    has(page, "    Instances      list of Instance\n      Architecture ")
    page = page_of("ec2", "describe_instances", { depth = 100 })
    has_not(page, "{...}")
  end)

  it("ends where a structure has itself in it", function()
    has(page_of("dynamodb", "AttributeValue", { depth = 1000 }),
      "M     map of string to AttributeValue (recursive)\n")
    has(page_of("emr", "Configuration", { depth = 1000 }),
      "Configurations  list of Configuration (recursive)\n")
    for _, name in ipairs { "CreateIntent", "UpdateIntent", "DescribeIntent" } do
      has(page_of("lexv2-models", name, { depth = 1000 }), "(recursive)")
    end
  end)

  it("shows a structure's members once, and refers to them after", function()
    local page = page_of("dynamodb", "put_item")
    has(page, "Capacity (see above)\n")
    has_not(page_of("s3", "put_object"), "(see above)")
  end)

  it("shows the values of an enum, and who uses it", function()
    local page = page_of("lambda", "LogType")
    has(page, "Values (2)\n  None  Tail\n")
    has(page, "Used by (2)\n  invoke  invoke_with_response_stream\n")
  end)

  it("tells who uses a shape that is deep within a recursive one", function()
    local used = page_of("dynamodb", "NumberAttributeValue"):match "Used by %((%d+)%)"
    assert.truthy(tonumber(used) > 10)
    has(page_of("ec2", "Filter"), "\n  describe_instances\n")
  end)

  it("shows a service with its operations and waiters", function()
    local page = page_of "sts"
    has(page, "sts: AWS Security Token Service\n")
    has(page, "protocol query")
    has(page, "get_caller_identity")
    has(page_of "s3", "Waiters (4)\n")
  end)

  it("shows documentation where there is some", function()
    local docs = {}
    function docs:exists() return true end -- luacheck: ignore 212
    function docs:text(kind, name) -- luacheck: ignore 212
      return kind == "operation" and ("<p>About <code>%s</code>.</p><p>More.</p>"):format(name)
    end
    function docs:of_member(structure, member) -- luacheck: ignore 212
      return ("<p>%s's %s.</p>"):format(structure.name, member.name)
    end
    local page = page_of("lambda", "invoke", { docs = docs })
    has(page, "\n  About Invoke.\n\n  More.\n")
    has(page, "\n      InvocationRequest's FunctionName.\n")
    has_not(page, "awl models update")
    page = page_of("lambda", "invoke", { docs = docs, brief = true })
    has_not(page, "About Invoke")
    has_not(page, "InvocationRequest's")
  end)

  it("gives data whole, with names for references", function()
    local data = data_of("dynamodb", "put-item")
    assert.are.equal("PutItem", data.operation.name)
    assert.are.equal("PutItemInput", data.operation.input)
    assert.are.equal("AttributeValue", data.shapes.ListAttributeValue.member.shape)
    assert.are.equal("AttributeName", data.shapes.MapAttributeValue.key.shape)
    assert.truthy(data.shapes.ConditionalCheckFailedException)
    local missing = {}
    for _, shape in pairs(data.shapes) do
      local members = { shape.member, shape.key, shape.value, table.unpack(shape.members or {}) }
      for _, member in pairs(members) do
        if not data.shapes[member.shape] then missing[#missing + 1] = member.shape end
      end
    end
    assert.are.same({}, missing)
  end)

  it("searches names in any style, and the texts", function()
    local context = open "s3"
    local found = {}
    for _, match in ipairs(search.service(context.catalog, no_docs, "bucket-acl")) do
      found[#found + 1] = match.kind .. " " .. match.name
    end
    assert.are.same({ "operation get_bucket_acl", "operation put_bucket_acl",
      "shape GetBucketAclOutput", "shape GetBucketAclRequest", "shape PutBucketAclRequest",
    }, found)
    local docs = { text = function(_, kind, name)
      return kind == "operation" and name == "GetObject" and "<p>Fetches it.</p>" or nil
    end }
    assert.are.same({ { kind = "operation", name = "get_object", text = true } },
      search.service(context.catalog, docs, "fetches"))
  end)
end)

describe("an example", function()
  -- Runs it with a client whose calls are prepared, not sent.
  local function try(service, code, awl)
    local client = awl.client(service, {
      region = "us-east-1", endpoint_url = "http://127.0.0.1:1",
      credentials = { access_key_id = "a", secret_access_key = "b" },
    })
    local body = { save = function() end }
    local output = setmetatable({}, { __index = function() return body end })
    local fake = setmetatable({}, { __index = function(_, operation)
      return function(_, input)
        client:prepare(operation, input)
        return output
      end
    end })
    local loaded = setmetatable({ client = function() return fake end }, { __index = awl })
    return pcall(assert(load(code, "=example", "t", {
      require = function() return loaded end, awl = loaded,
    })))
  end

  it("is a call that awl takes, for every operation there is", function()
    local awl = require "awl"
    local count, wrong = 0, {}
    for _, service in ipairs(require "awl.core.models".services()) do
      local catalog = open(service).catalog
      for _, operation in ipairs(catalog:operations()) do
        if not operation.event_stream_input then
          local ok, err = try(service, example.call(catalog, operation), awl)
          if not ok and (type(err) ~= "table" or err.kind == "input") then
            wrong[#wrong + 1] = tostring(err)
          end
          count = count + 1
        end
      end
    end
    assert.are.same({}, wrong)
    assert.truthy(count > 18000)
  end)

  it("gives the client a name that Lua takes", function()
    assert.are.equal("lex_models", example.variable "lex-models")
    assert.are.equal("client", example.variable "end")
    assert.are.equal("client", example.variable "bedrock-agentcore-control")
  end)
end)

describe("a page", function()
  it("wraps words at its width, and only one that is too long sticks out", function()
    local page = new_page(40)
    page:paragraph(("word "):rep(20) .. ("x"):rep(60) .. " end", 4)
    for line in page:text():gmatch "[^\n]+" do
      assert.truthy(#line <= 40 or line:match "^    x+$", line)
      assert.truthy(line:find "^    %S")
    end
  end)

  it("counts characters, not bytes", function()
    local page = new_page(40)
    page:paragraph(("é"):rep(20) .. " " .. ("é"):rep(19), 0)
    assert.are.equal(1, select(2, page:text():gsub("\n", "")))
  end)

  it("uses a wide terminal for lists of names, and reads at most a hundred columns", function()
    local page = new_page(200)
    page:columns({ ("a"):rep(60), ("b"):rep(60), ("c"):rep(60) }, 0)
    page:paragraph(("word "):rep(50), 0)
    local lines = {}
    for line in page:text():gmatch "[^\n]+" do lines[#lines + 1] = #line end
    assert.are.equal(184, lines[1])
    assert.truthy(lines[2] <= 100)
  end)

  it("lists names downwards in as many columns as fit", function()
    local page = new_page(40)
    page:columns({ "a", ("b"):rep(10), "c", ("d"):rep(10), "e", ("f"):rep(10) }, 2)
    assert.are.equal("  a           c           e\n  bbbbbbbbbb  dddddddddd  ffffffffff\n",
      page:text())
  end)

  it("is bold in its headings on a terminal only", function()
    local bold, plain = new_page(80, true), new_page()
    bold:heading "Title"
    plain:heading "Title"
    assert.are.equal("\27[1mTitle\27[0m\n", bold:text())
    assert.are.equal("Title\n", plain:text())
  end)
end)

describe("documentation", function()
  it("is text without its tags and entities", function()
    assert.are.same({ 'A "b" & <c> – d.', "Two." }, texts(html(
      '<p>A &quot;b&quot; &amp; &lt;c&gt;\n  <i>&#8211;</i> <a href="x">d</a>.</p><p>Two.</p>')))
  end)

  it("keeps what only looks like a tag", function()
    assert.are.same({ "in <region> a < b" }, texts(html "in <region> a < b"))
  end)

  it("has lists with bullets and numbers, in each other", function()
    local blocks = html "<ul><li><p>a</p><p>b</p></li><li>c<ol><li>d</li><li>e</li></ol></li></ul>"
    assert.are.same({ "- a", "b", "- c", "1. d", "2. e" }, texts(blocks))
    local page = new_page()
    page:documentation("<p>x</p><ul><li>a</li><li>c<ol><li>d</li></ol></li></ul><p>y</p>", 0)
    assert.are.equal("x\n\n- a\n- c\n  1. d\n\ny\n", page:text())
  end)

  it("marks notes, and keeps the lines of code", function()
    assert.are.same({ "Note: Mind.", "Important: Stop." },
      texts(html "<note> <p>Mind.</p> </note><important><p>Stop.</p></important>"))
    local page = new_page()
    page:documentation("<pre>a\n  b</pre>", 2)
    assert.are.equal("  a\n    b\n", page:text())
  end)

  it("does not mind tags that are never opened or closed", function()
    assert.are.same({ "a", "b", "c", "<p" }, texts(html "</ul>a</li></p><li>b<p>c</ol></dd></pre><p"))
    assert.are.same({}, html "")
    assert.are.same({ "&bogus; &#99999999999; x" }, texts(html "&bogus; &#99999999999; x"))
  end)
end)
