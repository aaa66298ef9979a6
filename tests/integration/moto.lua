-- The calls of many services against moto: what a script sends arrives, what comes
-- back is what the models say. Run by moto.sh.
local awl = require "awl"
local case, finish, equal, memory = dofile((arg[0]:match("^(.*/)") or "") .. "cases.lua")

local s3 = awl.client "s3"
local MIB = 1024 * 1024
local sanitized = (os.getenv("AWL_SANITIZE") or "") ~= ""

--- Fails unless fn raises an error of awl's, which it returns.
local function raised(fn, ...)
  local ok, err = pcall(fn, ...)
  assert(not ok, "expected an error")
  return err
end

-- ---- s3: rest-xml, streams ----

case("a bucket is made and listed with its date", function()
  s3:create_bucket { Bucket = "awl-test" }
  local res = s3:list_buckets()
  equal("awl-test", res.Buckets[1].Name)
  assert(math.abs(res.Buckets[1].CreationDate - awl.time.now()) < 3600, "a date of now")
  equal(200, res.ResponseMetadata.HTTPStatusCode)
  equal(0, res.ResponseMetadata.RetryAttempts)
  assert(type(res.ResponseMetadata.RequestId) == "string")
  assert(res.ResponseMetadata.HTTPHeaders["content-type"], "headers in lower case")
end)

case("an object comes back as it was put, with its metadata", function()
  local text = "line 1\nline 2\r\n\0binary \255"
  local put = s3:put_object {
    Bucket = "awl-test", Key = "dir/a b+c ü.txt", Body = text, ContentType = "text/x",
    Metadata = { colour = "blue" }, CacheControl = "no-store",
  }
  assert(put.ETag:match('^"%x+"$'))
  local got = s3:get_object { Bucket = "awl-test", Key = "dir/a b+c ü.txt" }
  equal(#text, got.ContentLength)
  equal("text/x", got.ContentType)
  equal("no-store", got.CacheControl)
  equal("blue", got.Metadata.colour)
  equal(put.ETag, got.ETag)
  equal(text, got.Body:read("a"))
end)

case("a body is read in pieces, by lines, by chunks, and is closed early", function()
  s3:put_object { Bucket = "awl-test", Key = "lines", Body = "one\ntwo\n\nfour" }
  local body = s3:get_object { Bucket = "awl-test", Key = "lines" }.Body
  equal("one", body:read(3))
  equal("\ntwo\n\nfour", body:read("a"))
  body:close()
  local lines = {}
  for line in s3:get_object({ Bucket = "awl-test", Key = "lines" }).Body:lines() do
    lines[#lines + 1] = line
  end
  equal("one|two||four", table.concat(lines, "|"))
  local bytes = 0
  for chunk in s3:get_object({ Bucket = "awl-test", Key = "lines" }).Body:chunks() do
    bytes = bytes + #chunk
  end
  equal(13, bytes)
  for line in s3:get_object({ Bucket = "awl-test", Key = "lines" }).Body:lines() do
    equal("one", line)
    break
  end
end)

case("a range and a condition are sent as headers", function()
  local got = s3:get_object { Bucket = "awl-test", Key = "lines", Range = "bytes=4-6" }
  equal("two", got.Body:read("a"))
  equal("bytes 4-6/13", got.ContentRange)
  equal(206, got.ResponseMetadata.HTTPStatusCode)
  local head = s3:head_object { Bucket = "awl-test", Key = "lines" }
  local err = raised(s3.head_object, s3,
    { Bucket = "awl-test", Key = "lines", IfNoneMatch = head.ETag })
  equal(304, err.status)
end)

case("an upload comes from a file, a download goes to one", function()
  local path, copy = os.tmpname(), os.tmpname()
  local file <close> = assert(io.open(path, "wb"))
  file:write(("0123456789"):rep(100000))
  file:close()
  do
    local source <close> = awl.fs.open(path)
    s3:put_object { Bucket = "awl-test", Key = "file", Body = source }
  end
  s3:get_object({ Bucket = "awl-test", Key = "file" }).Body:save(copy)
  local saved <close> = assert(io.open(copy, "rb"))
  equal(1000000, #saved:read("a"))
  os.remove(path)
  os.remove(copy)
end)

case("an upload comes from a function", function()
  local left = 40
  s3:put_object {
    Bucket = "awl-test", Key = "function", ContentLength = 40 * 1000,
    Body = function()
      left = left - 1
      if left >= 0 then return ("x"):rep(1000) end
    end,
  }
  equal(40000, s3:head_object({ Bucket = "awl-test", Key = "function" }).ContentLength)
end)

case("checksums go up behind a stream and are compared when it comes down", function()
  local checked = awl.client("s3", { request_checksum_calculation = "when_supported",
    response_checksum_validation = "when_supported" })
  local text, path = ("0123456789"):rep(20000), os.tmpname()
  awl.fs.write_file(path, text)
  for _, algorithm in ipairs { "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256" } do
    local file <close> = awl.fs.open(path)
    local function pieces() return file:read(7000) end
    for _, body in ipairs { file, pieces, text } do
      file:seek("set", 0)
      checked:put_object { Bucket = "awl-test", Key = "checked", Body = body,
        ContentLength = #text, ChecksumAlgorithm = algorithm }
      local got = checked:get_object { Bucket = "awl-test", Key = "checked" }
      equal(text, got.Body:read())
      equal(algorithm:lower(), got.ResponseMetadata.ChecksumAlgorithm)
      equal(nil, got.ContentEncoding)
    end
  end
  os.remove(path)
end)

case("256 MiB go up and come down in memory that stays flat", function()
  local chunk, sent = ("y"):rep(MIB), 0
  collectgarbage()
  local before = memory("VmRSS")
  s3:put_object({
    Bucket = "awl-test", Key = "large", ContentLength = 256 * MIB,
    Body = function()
      if sent == 256 then return nil end
      sent = sent + 1
      return chunk
    end,
  }, { timeout = 240, read_timeout = 240 })
  local bytes, odd = 0, 0
  local body = s3:get_object({ Bucket = "awl-test", Key = "large" },
    { timeout = 240, read_timeout = 240 }).Body
  for piece in body:chunks() do
    bytes = bytes + #piece
    if piece:byte() ~= 0x79 then odd = odd + 1 end
  end
  equal(256 * MIB, bytes)
  equal(0, odd)
  local grown = (memory("VmHWM") - before) / 1024
  print(("     at most %.0f MiB more than before"):format(grown))
  assert(sanitized or grown < 40, "memory grew")
  s3:delete_object { Bucket = "awl-test", Key = "large" }
end)

case("pages follow the token, items are those of all pages", function()
  s3:create_bucket { Bucket = "awl-pages" }
  local keys = {}
  for i = 1, 25 do keys[i] = ("key-%02d"):format(i) end
  local run = awl.map(keys, function(key)
    s3:put_object { Bucket = "awl-pages", Key = key, Body = key }
  end, { concurrency = 5 })
  equal(25, run.succeeded)

  local pages, total = 0, 0
  for page in s3:pages("list_objects_v2", { Bucket = "awl-pages", MaxKeys = 10 }) do
    pages = pages + 1
    total = total + #page.Contents
  end
  equal(3, pages)
  equal(25, total)

  local seen = {}
  for object in s3:pages("list_objects_v2", { Bucket = "awl-pages", MaxKeys = 7 }):items() do
    seen[#seen + 1] = object.Key
    equal(6, object.Size)
  end
  equal(table.concat(keys, " "), table.concat(seen, " "))

  local first
  for page in s3:pages("list_objects_v2", { Bucket = "awl-pages", MaxKeys = 2 }) do
    first = page
    break
  end
  equal(2, first.KeyCount)
  equal(true, first.IsTruncated)
end)

case("map takes the items of pages", function()
  local items = s3:pages("list_objects_v2", { Bucket = "awl-pages", MaxKeys = 4 }):items()
  local run = awl.map(items, function(object)
    return s3:get_object({ Bucket = "awl-pages", Key = object.Key }).Body:read("a")
  end, { concurrency = 8 })
  equal(25, run.succeeded)
  equal("key-25", run.results[25])
end)

case("an acl of grants with attributes is written and read", function()
  s3:put_object { Bucket = "awl-test", Key = "public", Body = "x", ACL = "public-read" }
  local acl = s3:get_object_acl { Bucket = "awl-test", Key = "public" }
  local public = false
  for _, grant in ipairs(acl.Grants) do
    if grant.Grantee.Type == "Group" then
      equal("http://acs.amazonaws.com/groups/global/AllUsers", grant.Grantee.URI)
      public = grant.Permission == "READ"
    end
  end
  assert(public, "the group may read")
  s3:put_object_acl {
    Bucket = "awl-test", Key = "public",
    AccessControlPolicy = { Owner = acl.Owner, Grants = {
      { Permission = "FULL_CONTROL", Grantee = { Type = "CanonicalUser", ID = acl.Owner.ID } },
    } },
  }
  equal(1, #s3:get_object_acl({ Bucket = "awl-test", Key = "public" }).Grants)
end)

case("many objects are deleted in one call with a checksum", function()
  local objects = {}
  for i = 1, 25 do objects[i] = { Key = ("key-%02d"):format(i) } end
  local res = s3:delete_objects { Bucket = "awl-pages", Delete = { Objects = objects } }
  equal(25, #res.Deleted)
  equal(nil, s3:list_objects_v2({ Bucket = "awl-pages" }).Contents)
end)

case("a multipart upload of two parts", function()
  local id = s3:create_multipart_upload({ Bucket = "awl-test", Key = "parts" }).UploadId
  local parts = {}
  for n, text in ipairs { ("a"):rep(5 * MIB), "tail" } do
    local res = s3:upload_part { Bucket = "awl-test", Key = "parts", UploadId = id,
      PartNumber = n, Body = text }
    parts[n] = { ETag = res.ETag, PartNumber = n }
  end
  s3:complete_multipart_upload { Bucket = "awl-test", Key = "parts", UploadId = id,
    MultipartUpload = { Parts = parts } }
  equal(5 * MIB + 4, s3:head_object({ Bucket = "awl-test", Key = "parts" }).ContentLength)
end)

-- ---- errors ----

case("a missing key raises NoSuchKey", function()
  local err = raised(s3.get_object, s3, { Bucket = "awl-test", Key = "nothing" })
  equal("service", err.kind)
  equal("NoSuchKey", err.code)
  equal("s3", err.service)
  equal("GetObject", err.operation)
  equal(404, err.status)
  equal("us-east-1", err.region)
  equal(1, err.attempts)
  equal(false, err.retryable or false)
  assert(err:is "NoSuch*", "patterns match the code")
  assert(not err:is "Throttling*")
  assert(tostring(err):find("NoSuchKey on s3:GetObject in us-east-1", 1, true), tostring(err))
end)

case("try returns the named errors and raises the others", function()
  local res, err = awl.try({ "NoSuchKey" }, s3.get_object, s3,
    { Bucket = "awl-test", Key = "nothing" })
  equal(nil, res)
  equal("NoSuchKey", err.code)
  local other = raised(awl.try, { "NoSuchBucket" }, s3.get_object, s3,
    { Bucket = "awl-test", Key = "nothing" })
  equal("NoSuchKey", other.code)
  equal(25, (awl.try({ "NoSuchKey" }, function() return 25 end)))
end)

case("an error of HEAD, which has no body, is named by its status", function()
  local err = raised(s3.head_object, s3, { Bucket = "awl-test", Key = "nothing" })
  equal(404, err.status)
  assert(err.code == "404" or err.code == "NotFound", err.code)
end)

-- ---- dynamodb: json ----

local dynamodb = awl.client "dynamodb"

case("dynamodb keeps 64-bit integers, blobs, lists and maps", function()
  dynamodb:create_table {
    TableName = "things", BillingMode = "PAY_PER_REQUEST",
    KeySchema = { { AttributeName = "id", KeyType = "HASH" },
      { AttributeName = "n", KeyType = "RANGE" } },
    AttributeDefinitions = { { AttributeName = "id", AttributeType = "S" },
      { AttributeName = "n", AttributeType = "N" } },
  }
  local item = {
    id = { S = "a" }, n = { N = "9223372036854775807" }, flag = { BOOL = false },
    none = { NULL = true }, blob = { B = "\0\1\255" }, set = { SS = { "x", "y" } },
    list = { L = { { N = "1" }, { S = "ü" } } }, map = { M = { deep = { S = "z" } } },
  }
  dynamodb:put_item { TableName = "things", Item = item }
  local got = dynamodb:get_item {
    TableName = "things", Key = { id = item.id, n = item.n }, ConsistentRead = true,
  }.Item
  equal("9223372036854775807", got.n.N)
  equal("\0\1\255", got.blob.B)
  equal(false, got.flag.BOOL)
  equal(true, got.none.NULL)
  equal("ü", got.list.L[2].S)
  equal("z", got.map.M.deep.S)
end)

case("integers of 64 bits arrive as integers", function()
  local status = dynamodb:describe_table({ TableName = "things" }).Table
  equal("integer", math.type(status.ItemCount))
  local logs = awl.client "logs"
  logs:create_log_group { logGroupName = "g" }
  logs:create_log_stream { logGroupName = "g", logStreamName = "s" }
  local now = math.floor(awl.time.now()) * 1000
  logs:put_log_events { logGroupName = "g", logStreamName = "s",
    logEvents = { { timestamp = now, message = "hello" } } }
  local events = logs:get_log_events({ logGroupName = "g", logStreamName = "s" }).events
  equal(now, events[1].timestamp)
  equal("integer", math.type(events[1].timestamp))
end)

case("dynamodb queries and writes batches", function()
  local requests = {}
  for i = 1, 20 do
    requests[i] = { PutRequest = { Item = { id = { S = "b" }, n = { N = tostring(i) } } } }
  end
  dynamodb:batch_write_item { RequestItems = { things = requests } }
  local res = dynamodb:query {
    TableName = "things", KeyConditionExpression = "id = :id AND n > :n",
    ExpressionAttributeValues = { [":id"] = { S = "b" }, [":n"] = { N = "15" } },
  }
  equal(5, res.Count)
  equal("16", res.Items[1].n.N)
  local scanned = 0
  for _ in dynamodb:pages("scan", { TableName = "things", Limit = 6 }):items() do
    scanned = scanned + 1
  end
  equal(21, scanned)
end)

case("a condition that fails raises its modelled error", function()
  local err = raised(dynamodb.put_item, dynamodb, {
    TableName = "things", Item = { id = { S = "b" }, n = { N = "1" } },
    ConditionExpression = "attribute_not_exists(id)",
  })
  equal("ConditionalCheckFailedException", err.code)
  equal(400, err.status)
end)

-- ---- the other protocols and services ----

case("sqs sends and receives", function()
  local sqs = awl.client "sqs"
  local url = sqs:create_queue({ QueueName = "q", Attributes = { DelaySeconds = "0" } }).QueueUrl
  local sent = sqs:send_message { QueueUrl = url, MessageBody = "hello & <bye>",
    MessageAttributes = { k = { DataType = "String", StringValue = "v" } } }
  local got = sqs:receive_message { QueueUrl = url, MaxNumberOfMessages = 10,
    MessageAttributeNames = { "All" } }
  equal(sent.MessageId, got.Messages[1].MessageId)
  equal("hello & <bye>", got.Messages[1].Body)
  equal("v", got.Messages[1].MessageAttributes.k.StringValue)
  sqs:delete_message { QueueUrl = url, ReceiptHandle = got.Messages[1].ReceiptHandle }
  equal(nil, sqs:receive_message({ QueueUrl = url }).Messages)
end)

case("sns, in the query protocol, sends maps and lists", function()
  local sns = awl.client "sns"
  local topic = sns:create_topic({ Name = "t", Attributes = { DisplayName = "D" },
    Tags = { { Key = "a", Value = "1" }, { Key = "b", Value = "2 & 3" } } }).TopicArn
  equal("D", sns:get_topic_attributes({ TopicArn = topic }).Attributes.DisplayName)
  equal(2, #sns:list_tags_for_resource({ ResourceArn = topic }).Tags)
  assert(sns:publish({ TopicArn = topic, Message = "m" }).MessageId)
end)

case("iam makes roles and follows markers", function()
  local iam = awl.client "iam"
  local policy = awl.json.encode { Version = "2012-10-17", Statement = awl.json.array {} }
  for i = 1, 5 do
    iam:create_role { RoleName = "role-" .. i, AssumeRolePolicyDocument = policy, Path = "/awl/" }
  end
  local names = {}
  for role in iam:pages("list_roles", { PathPrefix = "/awl/", MaxItems = 2 }):items() do
    names[#names + 1] = role.RoleName
  end
  table.sort(names)
  equal("role-1 role-2 role-3 role-4 role-5", table.concat(names, " "))
  local err = raised(iam.get_role, iam, { RoleName = "nobody" })
  equal("NoSuchEntity", err.code)
end)

case("ec2 describes and filters", function()
  local ec2 = awl.client "ec2"
  local regions = ec2:describe_regions { RegionNames = { "us-east-1", "eu-west-1" } }
  equal(2, #regions.Regions)
  local vpcs = ec2:describe_vpcs { Filters = { { Name = "is-default", Values = { "true" } } } }
  equal(1, #vpcs.Vpcs)
  equal(true, vpcs.Vpcs[1].IsDefault)
  local err = raised(ec2.describe_vpcs, ec2, { VpcIds = { "vpc-0000" } })
  equal("InvalidVpcID.NotFound", err.code)
end)

case("sts says who it is", function()
  local me = awl.client("sts"):get_caller_identity()
  equal("123456789012", me.Account)
  assert(me.Arn:match "^arn:aws:")
end)

case("cloudformation lists its stacks", function()
  local cloudformation = awl.client "cloudformation"
  cloudformation:create_stack { StackName = "stack", TemplateBody = awl.json.encode {
    Resources = { Topic = { Type = "AWS::SNS::Topic" } } } }
  local res = cloudformation:describe_stacks { StackName = "stack" }
  equal("CREATE_COMPLETE", res.Stacks[1].StackStatus)
  assert(math.abs(res.Stacks[1].CreationTime - awl.time.now()) < 3600)
end)

case("cloudwatch takes numbers", function()
  local cloudwatch = awl.client "cloudwatch"
  cloudwatch:put_metric_data { Namespace = "awl", MetricData = {
    { MetricName = "calls", Value = 1.5, Unit = "Count",
      Dimensions = { { Name = "d", Value = "1" } } } } }
  local list = cloudwatch:list_metrics { Namespace = "awl" }
  equal("calls", list.Metrics[1].MetricName)
  equal("d", list.Metrics[1].Dimensions[1].Name)
end)

case("secretsmanager keeps binary secrets", function()
  local secrets = awl.client "secretsmanager"
  secrets:create_secret { Name = "s", SecretBinary = "\0\1\2" }
  equal("\0\1\2", secrets:get_secret_value({ SecretId = "s" }).SecretBinary)
end)

case("kinesis takes records", function()
  local kinesis = awl.client "kinesis"
  kinesis:create_stream { StreamName = "stream", ShardCount = 1 }
  local res = kinesis:put_records { StreamName = "stream", Records = {
    { Data = "a\0b", PartitionKey = "1" }, { Data = "c", PartitionKey = "2" } } }
  equal(0, res.FailedRecordCount)
  local shard = kinesis:get_shard_iterator { StreamName = "stream",
    ShardId = res.Records[1].ShardId, ShardIteratorType = "TRIM_HORIZON" }
  local records = kinesis:get_records({ ShardIterator = shard.ShardIterator }).Records
  equal("a\0b", records[1].Data)
end)

case("stepfunctions makes a machine and starts it", function()
  local stepfunctions = awl.client "stepfunctions"
  local machine = stepfunctions:create_state_machine {
    name = "m", roleArn = "arn:aws:iam::123456789012:role/role-1",
    definition = awl.json.encode { StartAt = "P", States = { P = { Type = "Pass", End = true } } },
  }
  local run = stepfunctions:start_execution { stateMachineArn = machine.stateMachineArn,
    input = "{}" }
  assert(run.executionArn:find("execution", 1, true))
end)

case("apigateway, in rest-json, has members in the path and the body", function()
  local apigateway = awl.client "apigateway"
  local api = apigateway:create_rest_api { name = "api", description = "d" }
  equal("api", apigateway:get_rest_api({ restApiId = api.id }).name)
  local res = apigateway:get_resources { restApiId = api.id, limit = 10 }
  equal("/", res.items[1].path)
  assert(math.abs(api.createdDate - awl.time.now()) < 3600)
end)

-- ---- clients and input ----

case("a copy of a client goes to its own region", function()
  local sqs = awl.client("sqs"):with { region = "eu-west-1" }
  local url = sqs:create_queue({ QueueName = "elsewhere" }).QueueUrl
  assert(url:find("elsewhere", 1, true))
  equal(nil, awl.client("sqs"):list_queues({ QueueNamePrefix = "elsewhere" }).QueueUrls)
end)

case("AWS's own spelling of an operation is the same call", function()
  equal(200, s3:ListBuckets({}).ResponseMetadata.HTTPStatusCode)
  equal(200, s3:call("list_buckets", {}).ResponseMetadata.HTTPStatusCode)
  local task = s3:start("list_buckets", {})
  equal(200, task:await().ResponseMetadata.HTTPStatusCode)
end)

case("wrong input is refused before anything is sent", function()
  local err = raised(dynamodb.put_item, dynamodb, { Item = { id = { S = 5 } } })
  local text = tostring(err)
  equal("input", err.kind)
  assert(text:find("TableName", 1, true), text)
  assert(text:find("Item.id.S", 1, true), text)
  assert(text:find("expected string, got number", 1, true), text)
end)

case("a prepared request is signed and not sent", function()
  local request = s3:prepare("get_object", { Bucket = "awl-test", Key = "a b" })
  equal("GET", request.method)
  assert(request.url:find("a%20b", 1, true), request.url)
  local signed = false
  for name in pairs(request.headers) do
    signed = signed or name:lower() == "authorization"
  end
  assert(signed, "an Authorization header")
end)

finish()
