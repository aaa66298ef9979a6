-- The operations that are measured: service, operation, input, and the member of the
-- output that is a body to be read. What shares a path has one of its own before it at the
-- benchmarks' server.
local keys = {}
for i = 0, 99 do
  keys[i + 1] = { pk = { S = ("customer#%06d"):format(i) }, sk = { S = "profile" } }
end

local function get(key)
  return {
    service = "s3", operation = "get_object",
    input = { Bucket = "bucket", Key = key }, body = "Body",
  }
end

local function list(max_keys)
  return {
    service = "s3", operation = "list_objects_v2",
    input = { Bucket = "bucket", MaxKeys = max_keys },
  }
end

return {
  sts = { path = "/sts", service = "sts", operation = "get_caller_identity", input = {} },
  lambda = {
    service = "lambda", operation = "invoke",
    input = { FunctionName = "f", Payload = '{"k":1}' },
  },
  acl = {
    service = "s3", operation = "get_object_acl",
    input = { Bucket = "bucket", Key = "logs/2026/11/000001-part.json.gz" },
  },
  get1k = get "get1k.bin",
  get1m = get "get1m.bin",
  get256m = get "get256m.bin",
  list100 = list(100),
  list1000 = list(1000),
  put256m = { -- the body is the file that client.lua is told of
    service = "s3", operation = "put_object",
    input = { Bucket = "bucket", Key = "get1k.bin" },
  },
  getitem = {
    path = "/getitem", service = "dynamodb", operation = "get_item",
    input = { TableName = "t", Key = keys[2] },
  },
  batchget = {
    path = "/batchget", service = "dynamodb", operation = "batch_get_item",
    input = { RequestItems = { t = { Keys = keys } } },
  },
  sqs = {
    path = "/sqs", service = "sqs", operation = "send_message",
    input = {
      QueueUrl = "https://sqs.us-east-1.amazonaws.com/123456789012/q",
      MessageBody = "hello",
    },
  },
  ec2 = { path = "/ec2", service = "ec2", operation = "describe_instances", input = {} },
}
