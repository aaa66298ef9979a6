/* codec.c - nanoseconds a value that each protocol's codec takes, in all directions:
 * a client writes a request (ask) and reads an answer (get), a server reads a request
 * (serve) and writes an answer (answer). The values are Lua's, the models the embedded
 * ones; a value is a string, number or boolean at the end of a path. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/embedded.h"
#include "script/allocator.h"
#include "wire/wire.h"

#define MESSAGE_MAX ((size_t)16 << 20)
#define MEASURE_NS 100e6

struct sample {
    const char *service, *operation;
    const char *input, *output; /* pieces of Lua */
};

static const struct sample samples[] = {
    {"dynamodb", "GetItem",
     "{ TableName = 't', Key = { pk = { S = 'customer#1' }, sk = { S = 'profile' } } }",
     "{ Item = { pk = { S = 'customer#1' }, sk = { S = 'profile' }, n = { N = '12' },"
     " on = { BOOL = true }, tags = { SS = { 'a', 'b', 'c' } },"
     " map = { M = { x = { S = 'one' }, y = { L = { { N = '1' }, { N = '2' } } } } } } "
     "}"},
    {"sqs", "SendMessage",
     "{ QueueUrl = 'https://sqs.us-east-1.amazonaws.com/123456789012/q',"
     " MessageBody = 'hello', MessageAttributes ="
     " { kind = { DataType = 'String', StringValue = 'greeting' } } }",
     "{ MD5OfMessageBody = '5d41402abc4b2a76b9719d911017c592',"
     " MessageId = '01234567-89ab-cdef-0123-456789abcdef' }"},
    {"lambda", "ListFunctions", "{ MaxItems = 50 }",
     "{ Functions = list(50, function(i) return { FunctionName = 'function-' .. i,"
     " FunctionArn = 'arn:aws:lambda:us-east-1:123456789012:function:function-' .. i,"
     " Runtime = 'python3.12', Role = 'arn:aws:iam::123456789012:role/r',"
     " Handler = 'index.handler', CodeSize = 1000 + i, Description = 'does \"it\"',"
     " Timeout = 3, MemorySize = 128, LastModified = '2026-01-02T03:04:05.000+0000',"
     " Version = '$LATEST', TracingConfig = { Mode = 'PassThrough' },"
     " Environment = { Variables = { LEVEL = 'info', TABLE = 't' } },"
     " Architectures = { 'arm64' }, EphemeralStorage = { Size = 512 } } end) }"},
    {"s3", "ListObjectsV2",
     "{ Bucket = 'bucket', Prefix = 'logs/2026/', MaxKeys = 1000 }",
     "{ Name = 'bucket', Prefix = 'logs/', MaxKeys = 1000, KeyCount = 1000,"
     " IsTruncated = false, Contents = list(1000, function(i) return {"
     " Key = ('logs/2026/11/%06d-part.json.gz'):format(i), Size = 1000 + i,"
     " LastModified = 1767323045, ETag = '\"5d41402abc4b2a76b9719d911017c592\"',"
     " StorageClass = 'STANDARD' } end) }"},
    {"sts", "AssumeRole",
     "{ RoleArn = 'arn:aws:iam::123456789012:role/r', RoleSessionName = 'name',"
     " DurationSeconds = 900, Tags = { { Key = 'a', Value = 'b' } } }",
     "{ Credentials = { AccessKeyId = 'ASIAEXAMPLEEXAMPLE', SecretAccessKey = 'secret',"
     " SessionToken = ('t'):rep(300), Expiration = 1767323045 },"
     " AssumedRoleUser = { AssumedRoleId = 'AROA:name',"
     " Arn = 'arn:aws:sts::123456789012:assumed-role/r/name' } }"},
    {"ec2", "DescribeInstances",
     "{ Filters = { { Name = 'instance-state-name', Values = { 'running' } } } }",
     "{ Reservations = list(200, function(i) return { ReservationId = 'r-' .. i,"
     " OwnerId = '123456789012', Instances = { { InstanceId = 'i-' .. i,"
     " ImageId = 'ami-0123456789abcdef0', InstanceType = 't3.micro',"
     " State = { Code = 16, Name = 'running' }, LaunchTime = 1767323045,"
     " PrivateIpAddress = '10.0.0.1', SubnetId = 'subnet-1', VpcId = 'vpc-1',"
     " EbsOptimized = false, Monitoring = { State = 'disabled' },"
     " Placement = { AvailabilityZone = 'us-east-1a', Tenancy = 'default' },"
     " SecurityGroups = { { GroupId = 'sg-1', GroupName = 'default' } },"
     " Tags = { { Key = 'Name', Value = 'web & co' }, { Key = 'env', Value = 'p' } },"
     " BlockDeviceMappings = { { DeviceName = '/dev/xvda', Ebs ="
     " { AttachTime = 1767323045, DeleteOnTermination = true, Status = 'attached',"
     " VolumeId = 'vol-1' } } } } } } end) }"},
    {"cloudwatch", "GetMetricData",
     "{ StartTime = 1767323045, EndTime = 1767326645, MetricDataQueries = {"
     " { Id = 'm1', MetricStat = { Period = 60, Stat = 'Average', Metric = {"
     " Namespace = 'AWS/EC2', MetricName = 'CPUUtilization' } } } } }",
     "{ MetricDataResults = { { Id = 'm1', Label = 'CPU', StatusCode = 'Complete',"
     " Timestamps = list(500, function(i) return 1767323045 + 60 * i end),"
     " Values = list(500, function(i) return i / 7 end) } } }"},
};

/* What is measured, with everything that it needs. */
struct bench {
    lua_State *L;
    struct awl_model model;
    struct awl_wire wire;
    struct awl_random random;
    struct awl_request request;
    struct awl_response response;
    const struct awl_operation *operation;
    struct awl_error err;
};

enum {
    INPUT = 1,
    OUTPUT = 2,
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "codec: %s: %s\n", what, why);
    exit(1);
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* ---- the four directions ---- */

static enum awl_rc ask(struct bench *b)
{
    awl_request_clear(&b->request);
    return awl_wire_write_input(&b->wire, b->L, INPUT, b->operation, &b->request,
                                &b->err);
}

static enum awl_rc serve(struct bench *b)
{
    return awl_wire_read_input(&b->wire, b->L, b->operation, &b->request, 0, &b->err);
}

static enum awl_rc answer(struct bench *b)
{
    awl_response_clear(&b->response);
    return awl_wire_write_output(&b->wire, b->L, OUTPUT, b->operation, STR("id"),
                                 &b->response, &b->err);
}

static enum awl_rc get(struct bench *b)
{
    return awl_wire_read_output(&b->wire, b->L, b->operation, &b->response, 0, &b->err);
}

static void once(struct bench *b, enum awl_rc (*step)(struct bench *))
{
    if (step(b) != AWL_OK)
        die("a codec fails", b->err.message);
    lua_settop(b->L, OUTPUT);
}

static double measure(struct bench *b, enum awl_rc (*step)(struct bench *))
{
    once(b, step); /* guesses and sizes from the last time */
    double start = now_ns();
    double spent = 0;
    long times = 0;
    while (spent < MEASURE_NS) {
        for (int i = 0; i < 10; i++, times++)
            once(b, step);
        spent = now_ns() - start;
    }
    return spent / (double)times;
}

/* ---- samples ---- */

static long count_values(lua_State *L, int index)
{
    long count = 0;
    if (lua_type(L, index) != LUA_TTABLE)
        return 1;
    luaL_checkstack(L, 4, NULL);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        count += count_values(L, lua_gettop(L));
        lua_pop(L, 1);
    }
    return count;
}

static void push_value(lua_State *L, const char *text)
{
    static const char list[] =
        "local function list(n, f) local t = {} for i = 1, n do t[i] = f(i) end "
        "return t end return ";
    lua_pushstring(L, list);
    lua_pushstring(L, text);
    lua_concat(L, 2);
    if (luaL_dostring(L, lua_tostring(L, -1)) != LUA_OK)
        die(text, lua_tostring(L, -1));
    lua_remove(L, -2);
}

static void run(struct bench *b, const struct awl_pack *pack, const struct sample *sample)
{
    if (awl_model_open(pack, awl_str_of(sample->service), &b->model, &b->err) != AWL_OK ||
        awl_wire_init(&b->wire, b->L, &b->model, b->model.protocol, &b->random,
                      &b->err) != AWL_OK)
        die(sample->service, b->err.message);
    b->operation = awl_model_operation(&b->model, awl_str_of(sample->operation));
    if (b->operation == NULL)
        die(sample->service, sample->operation);
    push_value(b->L, sample->input);
    push_value(b->L, sample->output);
    long in = count_values(b->L, INPUT), out = count_values(b->L, OUTPUT);

    double asked = measure(b, ask);
    double served = measure(b, serve);
    double answered = measure(b, answer);
    double got = measure(b, get);
    printf("%-12s %-18s %6ld %8.0f %8.0f %7ld %8.0f %8.0f\n", sample->service,
           sample->operation, in, asked / (double)in, served / (double)in, out,
           answered / (double)out, got / (double)out);
    lua_settop(b->L, 0);
    awl_wire_release(&b->wire, b->L);
}

int main(void)
{
    struct bench b = {.err = AWL_ERROR_INIT};
    struct awl_allocator *allocator = awl_allocator_new();
    size_t len;
    const void *bytes = awl_embedded_pack(&len);
    struct awl_pack *pack = awl_pack_open(bytes, len, "the models", true, &b.err);
    if (pack == NULL || allocator == NULL)
        die("the models", b.err.message);
    b.L = lua_newstate(awl_allocator_realloc, allocator);
    if (b.L == NULL)
        die("Lua", "out of memory");
    luaL_openlibs(b.L);
    lua_pushlightuserdata(b.L, NULL);
    lua_setglobal(b.L, "null");
    awl_random_seed(&b.random, 1);
    awl_request_init(&b.request, MESSAGE_MAX);
    awl_response_init(&b.response, MESSAGE_MAX);

    printf("%-31s %6s %8s %8s %7s %8s %8s\n", "ns a value", "values", "ask", "serve",
           "values", "answer", "get");
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        run(&b, pack, &samples[i]);

    lua_close(b.L);
    awl_allocator_free(allocator);
    awl_request_release(&b.request);
    awl_response_release(&b.response);
    awl_pack_free(pack);
    return 0;
}
