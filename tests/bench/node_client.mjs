// The bench client of client.lua with the AWS SDK for JavaScript, version 3:
//
//     node node_client.mjs OP N C URL
//
// The packages are found in $BENCH_JS_FOLDER/node_modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import https from "node:https";

const [op, count, concurrency, url] = process.argv.slice(2);
const n = Number(count), c = Number(concurrency);
const require = createRequire(process.env.BENCH_JS_FOLDER + "/");
const keys = Array.from({ length: 100 }, (_, i) => ({
  pk: { S: "customer#" + String(i).padStart(6, "0") }, sk: { S: "profile" },
}));

const get = (key) => ["s3", "S3Client", "GetObjectCommand", { Bucket: "bucket", Key: key }];
const list = (most) => ["s3", "S3Client", "ListObjectsV2Command", { Bucket: "bucket", MaxKeys: most }];
const operations = {
  sts: ["sts", "STSClient", "GetCallerIdentityCommand", {}],
  lambda: ["lambda", "LambdaClient", "InvokeCommand", { FunctionName: "f", Payload: '{"k":1}' }],
  acl: ["s3", "S3Client", "GetObjectAclCommand",
    { Bucket: "bucket", Key: "logs/2026/11/000001-part.json.gz" }],
  get1k: get("get1k.bin"),
  get1m: get("get1m.bin"),
  get256m: get("get256m.bin"),
  list100: list(100),
  list1000: list(1000),
  getitem: ["dynamodb", "DynamoDBClient", "GetItemCommand", { TableName: "t", Key: keys[1] }],
  batchget: ["dynamodb", "DynamoDBClient", "BatchGetItemCommand",
    { RequestItems: { t: { Keys: keys } } }],
  sqs: ["sqs", "SQSClient", "SendMessageCommand",
    { QueueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/q", MessageBody: "hello" }],
  ec2: ["ec2", "EC2Client", "DescribeInstancesCommand", {}],
};

function caller(name) {
  const [service, clientName, commandName, input] = operations[name];
  const sdk = require("@aws-sdk/client-" + service);
  const { NodeHttpHandler } = require("@smithy/node-http-handler");
  const ca = process.env.AWS_CA_BUNDLE ? readFileSync(process.env.AWS_CA_BUNDLE) : undefined;
  const client = new sdk[clientName]({
    region: "us-east-1",
    endpoint: url,
    forcePathStyle: true,
    useQueueUrlAsEndpoint: false,
    md5: false, // of the queue's answer: the benchmarks' server does not compute it
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      httpsAgent: new https.Agent({ keepAlive: true, maxSockets: c, ca }),
    }),
  });
  return async () => {
    const answer = await client.send(new sdk[commandName](input));
    if (answer.Body) for await (const _ of answer.Body);
  };
}

async function run(call, times) {
  let left = times;
  const worker = async () => { while (left-- > 0) await call(); };
  await Promise.all(Array.from({ length: Math.min(c, times) }, worker));
}

const first = op === "trek" ? caller("list100") : null;
const call = caller(op === "trek" ? "acl" : op);
if (!process.env.PERF_COLD) await run(call, Math.min(n, 2 * c));

const usage = process.cpuUsage(), start = process.hrtime.bigint();
if (first) await first();
await run(call, n);
const wall = Number(process.hrtime.bigint() - start) / 1e9, used = process.cpuUsage(usage);
console.log(JSON.stringify({
  n, wall_s: wall, cpu_s: (used.user + used.system) / 1e6,
  rss_kb: process.resourceUsage().maxRSS,
}));
process.exit(0);
