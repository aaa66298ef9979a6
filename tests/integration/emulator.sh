#!/usr/bin/env bash
# The emulator with the AWS CLI and boto3 as its clients, and the scripts of scripts/ on it.
. "$(dirname "$0")/lib.sh"

functions=$work/functions
mkdir "$functions"
cat >"$functions/greet.lua" <<'LUA'
return function(event, context)
    print("greeting", event.name)
    if event.fail then error { errorType = "Rude", errorMessage = "no greeting" } end
    return { greeting = "hello " .. event.name }
end
LUA

# grep -q that reads to the end, so that nobody writes into a closed pipe.
has() {
    grep "$@" >/dev/null
}

# start NAME OPTION...: an emulator on a free port, whose URL is $url.
start() {
    local name=$1 try
    shift
    for try in 1 2 3; do
        free_port
        serve "$name" "$port" "$AWL" local --port "$port" --functions "$functions" "$@" &&
            url=http://127.0.0.1:$port && return 0
    done
    return 1
}

# ---- the program ----

ends_by_its_signal_without_a_word() {
    "$AWL" local --port 0 --quiet >"$work/out" 2>"$work/err" </dev/null &
    local pid=$! tries
    for ((tries = 0; tries < 200; tries++)); do
        [ -s "$work/out" ] && break
        sleep 0.05
    done
    kill -TERM "$pid"
    wait "$pid" || return 1
    grep -Eqx 'http://127\.0\.0\.1:[0-9]+' "$work/out" && [ ! -s "$work/err" ]
}

refuses_a_bad_option() {
    "$AWL" local --speed 0 >"$work/out" 2>"$work/err" </dev/null
    [ $? -eq 252 ] && grep -q -- '--speed must be above 0' "$work/err" || return 1
    "$AWL" local --port 65536 >"$work/out" 2>"$work/err" </dev/null
    [ $? -eq 252 ] && grep -q -- '--port must be 0 to 65535, not 65536' "$work/err"
}

# ---- scripts ----

# Some of the forty fail; it takes half a second instead of ten.
runs_the_system_test() {
    "$AWL" --local --local-speed 20 "$root/scripts/system_test.lua" --count 40 \
        >"$work/out" 2>"$work/err"
    [ $? -eq 1 ] || { cat "$work/out" "$work/err"; return 1; }
    local failed passed
    failed=$(grep -c '^Configuration config_[0-9]* FAILED the system test: [A-Z][A-Za-z]*Error' \
        "$work/out")
    passed=$(grep -c '^Configuration config_[0-9]* PASSED the system test$' "$work/out")
    [ $((failed + passed)) -eq 40 ] && [ "$failed" -gt 0 ] &&
        [ "$(grep -c '^REPORT RequestId: ' "$work/out")" -eq "$failed" ] &&
        tail -1 "$work/out" | has -x "$passed of 40 passed the test - $failed failed"
}

repeats_with_a_seed() {
    local seed=$1 run
    for run in 1 2; do
        "$AWL" --local --local-seed "$seed" --local-speed 100 \
            "$root/scripts/system_test.lua" --count 20 2>/dev/null |
            grep '^Configuration' | sort >"$work/run$run"
    done
    [ -s "$work/run1" ] && cmp -s "$work/run1" "$work/run2"
}

passes_when_all_pass() {
    printf 'one\n\n  two \n' >"$work/ids"
    cat >"$work/good.lua" <<'LUA'
return function() return { system_test_successful = true } end
LUA
    "$AWL" --local --local-function "good=$work/good.lua" "$root/scripts/system_test.lua" \
        --function good --configurations "$work/ids" >"$work/out" 2>&1 || return 1
    grep -q '^Configuration two PASSED' "$work/out" &&
        tail -1 "$work/out" | has -x '2 of 2 passed the test - 0 failed'
}

lists_buckets() {
    "$AWL" --local "$root/scripts/list_buckets.lua" >"$work/out" 2>&1 &&
        grep -q '^serial: *20 calls' "$work/out" && grep -q '^gathered: *20 calls' "$work/out"
}

audits_the_bucket() {
    "$AWL" --local "$root/scripts/acl_audit.lua" --bucket audit-me \
        >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    [ "$(wc -l <"$work/out")" -eq 2500 ] &&
        [ "$(grep -c '"public":true' "$work/out")" -eq 12 ] &&
        [ "$(grep -c '^public: ' "$work/err")" -eq 12 ] &&
        grep -q '^12 of 2500 objects of audit-me are public, 0 could not be read' "$work/err"
}

signs_what_it_sends() {
    "$AWL" --local --local-verify "$root/scripts/list_buckets.lua" --count 2 >"$work/out" 2>&1 ||
        { cat "$work/out"; return 1; }
    ! "$AWL" --local --local-verify --no-sign-request "$root/scripts/list_buckets.lua" \
        >"$work/out" 2>&1 && grep -q 'AccessDenied on s3:ListBuckets' "$work/out"
}

explains_itself() {
    local script
    for script in system_test list_buckets acl_audit; do
        "$AWL" "$root/scripts/$script.lua" --help | has '^Usage' || return 1
    done
}

leaves_no_emulator_behind() {
    "$AWL" --local -e 'print(awl.client("s3"):with({}) and
        require("awl.core.settings").endpoint_url)' >"$work/out" 2>&1 || return 1
    local port tries
    port=$(grep -o '[0-9]*$' "$work/out")
    for ((tries = 0; tries < 100; tries++)); do
        listening "$port" || return 0
        sleep 0.05
    done
    return 1
}

# ---- the AWS CLI ----

# Some versions presign with signature version 2 unless they are told not to.
printf '[default]\ns3 =\n    signature_version = s3v4\n' >"$work/config"

cli() {
    HOME=$user_home AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_CONFIG_FILE=$work/config \
        AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=${secret:-local} AWS_PAGER= \
        AWS_DEFAULT_REGION=us-east-1 AWS_MAX_ATTEMPTS=1 \
        aws --endpoint-url "$url" "$@" 2>"$work/cli.err" || { cat "$work/cli.err" >&2; false; }
}

cli_asks_who_it_is() {
    cli sts get-caller-identity --query Account --output text | has -x 000000000000
}

cli_lists_buckets() {
    cli s3api list-buckets --query 'Buckets[].Name' --output text | has -w audit-me
}

cli_puts_and_gets_an_object() {
    head -c 300000 /dev/urandom >"$work/in"
    cli s3api create-bucket --bucket clibox >/dev/null &&
        cli s3api put-object --bucket clibox --key 'a b/ü.bin' --body "$work/in" \
            --metadata color=blue --content-md5 "$(openssl md5 -binary "$work/in" | base64)" \
            >/dev/null &&
        cli s3api get-object --bucket clibox --key 'a b/ü.bin' "$work/got" \
            --query Metadata.color --output text | has -x blue &&
        cmp "$work/in" "$work/got"
}

# Nine megabytes: in parts.
cli_copies_a_large_file() {
    head -c 9000000 /dev/urandom >"$work/in"
    cli s3 cp --quiet "$work/in" s3://clibox/large &&
        cli s3 cp --quiet s3://clibox/large "$work/got" && cmp "$work/in" "$work/got"
}

cli_lists_pages() {
    [ "$(cli s3api list-objects-v2 --bucket audit-me --page-size 300 \
        --query 'Contents[].Key' --output text | tr '\t' '\n' | grep -c .)" -eq 2500 ] &&
        cli s3 ls s3://audit-me/ | has 'PRE images/'
}

cli_reads_access_lists() {
    cli s3api put-object-acl --bucket clibox --key large --acl public-read &&
        cli s3api get-object-acl --bucket clibox --key large \
            --query 'Grants[].Grantee.URI' --output text | has 'global/AllUsers$'
}

cli_removes_all() {
    cli s3 rb --force s3://clibox >/dev/null && ! cli s3api head-bucket --bucket clibox 2>/dev/null
}

cli_invokes_a_function() {
    cli lambda invoke --function-name greet --payload '{"name":"you"}' --log-type Tail \
        $payload_format "$work/answer" --query LogResult --output text >"$work/log" &&
        grep -qx '{"greeting":"hello you"}' "$work/answer" &&
        base64 -d <"$work/log" | has -P 'greeting\tyou'
}

cli_sees_a_function_fail() {
    cli lambda invoke --function-name greet --payload '{"name":"you","fail":true}' \
        $payload_format "$work/answer" --query FunctionError --output text |
        has -x Unhandled && grep -q '"errorType":"Rude"' "$work/answer"
}

cli_with_a_wrong_key_is_refused() {
    local secret=wrong
    ! cli s3api list-buckets 2>/dev/null && grep -q SignatureDoesNotMatch "$work/cli.err" &&
        ! cli sts get-caller-identity 2>/dev/null &&
        grep -q SignatureDoesNotMatch "$work/cli.err"
}

cli_gets_a_presigned_url() {
    local presigned
    presigned=$(cli s3 presign 's3://audit-me/nothing') &&
        [ "$(curl -s -o "$work/got" -w '%{http_code}' "$presigned")" = 404 ] &&
        grep -q NoSuchKey "$work/got" &&
        [ "$(curl -s -o /dev/null -w '%{http_code}' "${presigned%?}x")" = 403 ]
}

cli_learns_what_is_missing() {
    ! cli s3api get-bucket-policy --bucket audit-me 2>/dev/null &&
        grep -q 'NotImplemented.*s3:GetBucketPolicy' "$work/cli.err"
}

# ---- boto3 ----

boto3_works() {
    HOME=$user_home python3 - "$url" <<'PYTHON'
import io, sys
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

def client(service):
    return boto3.client(service, endpoint_url=sys.argv[1], region_name="us-east-1",
                        aws_access_key_id="local", aws_secret_access_key="local",
                        config=Config(retries={"max_attempts": 0}))

s3 = client("s3")
s3.create_bucket(Bucket="botobox")
data = bytes(range(256)) * 50000
s3.upload_fileobj(io.BytesIO(data), "botobox", "large")
assert s3.get_object(Bucket="botobox", Key="large")["Body"].read() == data
for algorithm in "CRC32", "SHA1", "SHA256":
    s3.put_object(Bucket="botobox", Key=algorithm, Body=b"x", ChecksumAlgorithm=algorithm)
    s3.get_object(Bucket="botobox", Key=algorithm, ChecksumMode="ENABLED")["Body"].read()
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="audit-me", PaginationConfig={"PageSize": 99})
assert sum(len(page["Contents"]) for page in pages) == 2500
try:
    s3.get_object(Bucket="botobox", Key="none")
    assert False
except s3.exceptions.NoSuchKey:
    pass
answer = client("lambda").invoke(FunctionName="greet", Payload=b'{"name": "boto"}')
assert answer["Payload"].read() == b'{"greeting":"hello boto"}', answer
try:
    client("lambda").invoke(FunctionName="none")
    assert False
except ClientError as error:
    assert error.response["Error"]["Code"] == "ResourceNotFoundException", error
assert client("sts").get_caller_identity()["Account"] == "000000000000"
PYTHON
}

# Bodies in signed pieces, as some SDKs send them: right, with a wrong signature in the
# last piece, with other bytes.
signed_pieces_are_verified() {
    HOME=$user_home python3 - "$url" <<'PYTHON'
import base64, binascii, hashlib, hmac, struct, sys, urllib.request, urllib.error
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

base = sys.argv[1] + "/audit-me/pieces"
EMPTY = hashlib.sha256(b"").hexdigest()

def put(spoil=None, trailer=False):
    auth = SigV4Auth(Credentials("local", "local"), "s3", "us-east-1")
    pieces = [b"x" * 9000, b"the end", b""]
    request = AWSRequest("PUT", base, headers={
        "Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "9007",
        "X-Amz-Content-SHA256":
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailer else ""),
        "X-Amz-Trailer": "x-amz-checksum-crc32"})
    auth.add_auth(request)
    signature = request.headers["Authorization"].rsplit("=", 1)[1]
    date = request.headers["X-Amz-Date"]
    scope = date[:8] + "/us-east-1/s3/aws4_request"
    key = b"AWS4local"
    for word in date[:8], "us-east-1", "s3", "aws4_request":
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    def sign(kind, *hashes):
        text = "\n".join(["AWS4-HMAC-SHA256-" + kind, date, scope, signature, *hashes])
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    body = b""
    for piece in pieces:
        signature = sign("PAYLOAD", EMPTY, hashlib.sha256(piece).hexdigest())
        sent = signature if piece or spoil != "signature" else "0" * 64
        bytes_ = piece.upper() if spoil == "bytes" else piece
        body += b"%x;chunk-signature=%s\r\n%s\r\n" % (len(piece), sent.encode(), bytes_)
    if trailer:
        crc = base64.b64encode(struct.pack(">I", binascii.crc32(b"".join(pieces)))).decode()
        field = "x-amz-checksum-crc32:" + crc
        signature = sign("TRAILER", hashlib.sha256(field.encode() + b"\n").hexdigest())
        sent = "0" * 64 if spoil == "trailer" else signature
        body = body[:-2] + f"{field}\r\nx-amz-trailer-signature:{sent}\r\n\r\n".encode()
    send = urllib.request.Request(base, data=body, method="PUT", headers=dict(request.headers))
    try:
        return urllib.request.urlopen(send).status
    except urllib.error.HTTPError as error:
        return error.status

assert put() == 200, put()
assert put("signature") == 403
assert put("bytes") == 403
assert put(trailer=True) == 200
assert put("trailer", trailer=True) == 403
PYTHON
    [ $? -eq 0 ] && [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/audit-me/pieces")" = 403 ]
}

# Files and functions go up with a checksum behind signed chunks and are compared when
# they come down, by awl and by botocore.
streams_have_checksums() {
    AWS_ENDPOINT_URL=$url AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local \
        AWS_SECRET_ACCESS_KEY=local "$AWL" "$here/streams.lua" "$work" &&
        HOME=$user_home python3 - "$url" <<'PYTHON'
import sys
import boto3

s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1",
                  aws_access_key_id="local", aws_secret_access_key="local")
for key in "file-CRC32", "function-CRC32", "file-SHA256", "function-SHA512":
    answer = s3.get_object(Bucket="streams", Key=key)
    assert answer["Body"].read() == b"0123456789" * 20000, key
    used = answer["ResponseMetadata"]["ChecksumAlgorithm"]
    assert used == key.split("-")[1].lower(), (key, used)
part = s3.get_object(Bucket="streams", Key="file-CRC32", Range="bytes=3-5")
assert part["Body"].read() == b"345"
PYTHON
}

check "it ends by its signal without a word" ends_by_its_signal_without_a_word
check "it refuses a bad option" refuses_a_bad_option
check "the system test runs" runs_the_system_test
check "a run repeats with its seed" repeats_with_a_seed 5
check "the system test passes when all pass" passes_when_all_pass
check "list_buckets runs" lists_buckets
check "acl_audit finds the public objects" audits_the_bucket
check "keys that are hostile to URLs name objects" \
    "$AWL" --local --local-verify "$here/hostile_keys.lua"
check "signatures are verified when asked" signs_what_it_sends
check "the scripts explain themselves" explains_itself
check "no emulator is left behind" leaves_no_emulator_behind

start emulator --verify || die "the emulator did not start"
if HOME=$user_home aws --version >"$work/version" 2>&1; then
    payload_format=
    grep -q '^aws-cli/2' "$work/version" && payload_format="--cli-binary-format raw-in-base64-out"
    check "the CLI asks who it is" cli_asks_who_it_is
    check "the CLI lists buckets" cli_lists_buckets
    check "the CLI puts and gets an object" cli_puts_and_gets_an_object
    check "the CLI copies a large file" cli_copies_a_large_file
    check "the CLI lists pages" cli_lists_pages
    check "the CLI reads access lists" cli_reads_access_lists
    check "the CLI removes all" cli_removes_all
    check "the CLI invokes a function" cli_invokes_a_function
    check "the CLI sees a function fail" cli_sees_a_function_fail
    check "the CLI with a wrong key is refused" cli_with_a_wrong_key_is_refused
    check "the CLI gets a presigned URL" cli_gets_a_presigned_url
    check "the CLI learns what is missing" cli_learns_what_is_missing
else
    echo "SKIPPED: the checks with the AWS CLI, which is not installed"
fi
if HOME=$user_home python3 -c 'import boto3' 2>/dev/null; then
    check "boto3 works" boto3_works
    check "signed pieces are verified" signed_pieces_are_verified
    check "streams have checksums" streams_have_checksums
else
    echo "SKIPPED: the checks with boto3, which is not installed"
fi
finish
