"""The bench client of client.lua with boto3 and threads:

    boto3_client.py OP N C URL
"""
import concurrent.futures
import json
import os
import resource
import sys
import time

import boto3
import botocore.config

op, n, threads, url = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
KEYS = [{"pk": {"S": f"customer#{i:06d}"}, "sk": {"S": "profile"}} for i in range(100)]


def get(key):
    return "s3", "get_object", {"Bucket": "bucket", "Key": key}


def listing(count):
    return "s3", "list_objects_v2", {"Bucket": "bucket", "MaxKeys": count}


OPERATIONS = {
    "sts": ("sts", "get_caller_identity", {}),
    "lambda": ("lambda", "invoke", {"FunctionName": "f", "Payload": b'{"k":1}'}),
    "acl": ("s3", "get_object_acl",
            {"Bucket": "bucket", "Key": "logs/2026/11/000001-part.json.gz"}),
    "get1k": get("get1k.bin"),
    "get1m": get("get1m.bin"),
    "get256m": get("get256m.bin"),
    "list100": listing(100),
    "list1000": listing(1000),
    "getitem": ("dynamodb", "get_item", {"TableName": "t", "Key": KEYS[1]}),
    "batchget": ("dynamodb", "batch_get_item", {"RequestItems": {"t": {"Keys": KEYS}}}),
    "sqs": ("sqs", "send_message",
            {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q",
             "MessageBody": "hello"}),
    "ec2": ("ec2", "describe_instances", {}),
}
service, operation, params = OPERATIONS[op]
client = boto3.client(
    service, region_name="us-east-1", endpoint_url=url,
    config=botocore.config.Config(
        retries={"total_max_attempts": 1}, max_pool_connections=threads,
        s3={"addressing_style": "path"}))


def call(_):
    answer = getattr(client, operation)(**params)
    for member in ("Body", "Payload"):
        if hasattr(answer.get(member), "read"):
            answer[member].read()


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


with concurrent.futures.ThreadPoolExecutor(threads) as pool:
    if "PERF_COLD" not in os.environ:
        list(pool.map(call, range(min(n, 2 * threads))))
    wall, used = time.perf_counter(), cpu()
    list(pool.map(call, range(n)))
    wall, used = time.perf_counter() - wall, cpu() - used
print(json.dumps({"n": n, "wall_s": wall, "cpu_s": used,
                  "rss_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
