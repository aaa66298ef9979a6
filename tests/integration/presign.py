"""Compares presigned URLs and POST forms with those of botocore for the same keys and the
same second, part by part. Run by presign.sh; with the argument `upload` it posts a form of
awl's to the S3 at AWS_ENDPOINT_URL instead."""

import base64
import datetime
import json
import os
import subprocess
import sys
from urllib.parse import parse_qsl, urlsplit

import botocore.auth
import botocore.session
import botocore.signers
from botocore.config import Config

HERE = os.path.dirname(os.path.abspath(__file__))
KEYS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "secret"}
TOKEN = {**KEYS, "session_token": "to/k+en=="}

URLS = [
    ("s3", "get_object", {"Bucket": "data", "Key": "a b/ü+c.txt"}, {}),
    ("s3", "get_object", {"Bucket": "data", "Key": "k", "VersionId": "7",
                          "ResponseContentType": "text/plain; a=b"}, {"expires_in": 604800}),
    ("s3", "put_object", {"Bucket": "data", "Key": "k", "ContentType": "text/plain",
                          "Metadata": {"colour": "blue"}}, {"expires_in": 1}),
    ("s3", "get_object", {"Bucket": "dotted.name", "Key": "k"}, {"addressing_style": "path"}),
    ("s3", "get_object", {"Bucket": "data", "Key": "k"}, {"method": "HEAD"}),
    ("s3", "list_objects_v2", {"Bucket": "data", "Prefix": "x/"}, {}),
    ("sts", "get_caller_identity", {}, {"method": "GET"}),
    ("ec2", "describe_instances", {"InstanceIds": ["i-1", "i-2"]}, {"method": "GET"}),
    ("polly", "synthesize_speech", {"OutputFormat": "mp3", "Text": "Hällo \"du\"\n&",
                                    "VoiceId": "Vicki", "LexiconNames": ["a", "b"]},
     {"method": "GET"}),
    ("polly", "synthesize_speech", {"OutputFormat": "mp3", "Text": "x", "VoiceId": "Vicki"},
     {"method": "POST"}),
]

POSTS = [
    {"Bucket": "data", "Key": "a b/ü.txt"},
    {"Bucket": "data", "Key": "in/${filename}", "expires_in": 60,
     "Fields": {"acl": "public-read", "Content-Type": "text/plain"},
     "Conditions": [{"acl": "public-read"}, ["starts-with", "$Content-Type", "text/"],
                    ["content-length-range", 1, 1048576]]},
    {"Bucket": "dotted.name", "Key": "k"},
]


def jobs():
    for region in "eu-west-1", "us-east-1":
        for credentials in KEYS, TOKEN:
            place = {"region": region, "credentials": credentials}
            for service, operation, arguments, options in URLS:
                yield {**place, **options, "service": service, "operation": operation,
                       "input": arguments}
            for arguments in POSTS:
                yield {**place, "service": "s3", "input": arguments}


def answers_of_awl(all_jobs):
    lines = "".join(json.dumps(job) + "\n" for job in all_jobs)
    run = subprocess.run([os.environ["AWL"], os.path.join(HERE, "presign.lua")],
                         input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def client_for(job):
    # Where it may choose, botocore presigns for the old global host.
    s3 = {"us_east_1_regional_endpoint": "regional",
          "addressing_style": job.get("addressing_style", "virtual")}
    keys = job["credentials"]
    return botocore.session.Session().create_client(
        job["service"], region_name=job["region"],
        config=Config(signature_version="s3v4" if job["service"] == "s3" else None, s3=s3),
        aws_access_key_id=keys["access_key_id"],
        aws_secret_access_key=keys["secret_access_key"],
        aws_session_token=keys.get("session_token"))


def stop_clock(date):
    moment = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
    for module in botocore.auth, botocore.signers:
        module.get_current_datetime = lambda *_, **__: moment


def url_parts(url):
    parts = urlsplit(url)
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    # The order of the parameters does not count, nor do repeated ones stay together.
    return parts.netloc, parts.path or "/", query


def compare_url(job, answer):
    stop_clock(dict(parse_qsl(urlsplit(answer["url"]).query))["X-Amz-Date"])
    wanted = client_for(job).generate_presigned_url(
        job["operation"], Params=job["input"], ExpiresIn=job.get("expires_in", 3600),
        HttpMethod=job.get("method"))
    return url_parts(wanted), url_parts(answer["url"])


def signature_of_policy(job, fields):
    """botocore's signature of the policy that awl has written."""
    keys = job["credentials"]
    credentials = botocore.credentials.Credentials(
        keys["access_key_id"], keys["secret_access_key"], keys.get("session_token"))
    signer = botocore.auth.S3SigV4PostAuth(credentials, "s3", job["region"])
    request = botocore.awsrequest.AWSRequest()
    request.context["timestamp"] = fields["x-amz-date"]
    return signer.signature(fields["policy"], request)


def form_parts(form):
    fields = dict(form["fields"])
    policy = json.loads(base64.b64decode(fields.pop("policy")))
    fields.pop("x-amz-signature")
    return url_parts(form["url"]), fields, policy


def compare_post(job, answer):
    given = dict(job["input"])
    stop_clock(answer["fields"]["x-amz-date"])
    expires_in = given.pop("expires_in", 3600)
    given["Conditions"] = list(given.get("Conditions", []))
    wanted = client_for(job).generate_presigned_post(**given, ExpiresIn=expires_in)
    # The same JSON in other words has another signature.
    return ((form_parts(wanted), signature_of_policy(job, answer["fields"])),
            (form_parts(answer), answer["fields"]["x-amz-signature"]))


def compare():
    all_jobs = list(jobs())
    different = 0
    for job, answer in zip(all_jobs, answers_of_awl(all_jobs), strict=True):
        wanted, got = (compare_url if "operation" in job else compare_post)(job, answer)
        if wanted != got:
            different += 1
            print(job, "\n  botocore", wanted, "\n  awl     ", got)
    print(f"{len(all_jobs) - different} of {len(all_jobs)} as botocore makes them")
    return different


def upload():
    import requests
    s3 = botocore.session.Session().create_client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="forms")
    form, = answers_of_awl([{
        "service": "s3", "region": "us-east-1", "credentials": TOKEN,
        "input": {"Bucket": "forms", "Key": "in/a b.txt",
                  "Fields": {"Content-Type": "text/x-form"},
                  "Conditions": [{"Content-Type": "text/x-form"}]}}])
    answer = requests.post(form["url"], data=form["fields"], files={"file": b"from a form"},
                           timeout=30)
    got = s3.get_object(Bucket="forms", Key="in/a b.txt")
    body, kind = got["Body"].read(), got["ContentType"]
    print(answer.status_code, body, kind)
    return answer.status_code // 100 != 2 or body != b"from a form" or kind != "text/x-form"


sys.exit(1 if (upload if sys.argv[1:] == ["upload"] else compare)() else 0)
