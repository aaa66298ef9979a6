#!/usr/bin/env bash
# What a session makes of the environment, the command line and the shared files: each
# case runs the program with an environment of its own.
set -u
here=$(cd "$(dirname "$0")" && pwd)
awl=${AWL:?the program to test}
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
failed=0
count=0

# says WANTED [VARIABLE=value...] [-- option of awl...] : WORD...
says() {
    local wanted=$1 got
    local variables=() options=()
    shift
    while [[ $1 == *=* ]]; do variables+=("$1") && shift; done
    if [[ $1 == -- ]]; then
        shift
        while [[ $1 != : ]]; do options+=("$1") && shift; done
    fi
    shift
    got=$(env -i HOME="$home" ASAN_OPTIONS="${ASAN_OPTIONS:-}" "${variables[@]}" \
        "$awl" "${options[@]}" "$here/session.lua" "$@" 2>&1)
    count=$((count + 1))
    # shellcheck disable=SC2053 # the wanted text is a pattern
    if [[ $got != $wanted ]]; then
        failed=$((failed + 1))
        printf 'FAILED: %s %s: %s\n  wanted: %s\n  got:    %s\n' "${variables[*]}" \
            "${options[*]}" "$*" "$wanted" "$got"
    fi
}

mkdir "$home/.aws"
cat > "$home/.aws/config" <<'END'
[default]
region = from-default
[profile dev]
region = from-dev
[profile discovering]
endpoint_discovery_enabled = true
[profile urls]
region = eu-west-1
endpoint_url = http://global.test
services = local
[profile global]
region = eu-west-1
endpoint_url = http://global.test
[profile ignoring]
region = eu-west-1
endpoint_url = http://global.test
ignore_configured_endpoint_urls = TRUE
[profile everywhere]
region = eu-west-1
auth_scheme_preference = sigv4a, sigv4
sigv4a_signing_region_set = us-east-1, eu-west-1
[profile keyless]
region = eu-west-1
[profile half]
region = eu-west-1
aws_access_key_id = AKIDHALF
[profile bodies]
region = eu-west-1
request_checksum_calculation = When_Required
response_checksum_validation = WHEN_SUPPORTED
disable_request_compression = true
request_min_compression_size_bytes = 20
[services local]
s3 =
  endpoint_url = http://s3.test
dynamodb_streams =
  endpoint_url = http://streams.test
END
cat > "$home/.aws/credentials" <<'END'
[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = secret
[dev]
aws_access_key_id = AKIDDEV
aws_secret_access_key = secret
END

chmod 600 "$home/.aws/credentials" # others would be warned of

# Region: the command line, AWS_REGION, AWS_DEFAULT_REGION, the profile.
says from-default : s3 region
says from-dev AWS_PROFILE=dev : s3 region
says c AWS_DEFAULT_REGION=c AWS_PROFILE=dev : s3 region
says b AWS_REGION=b AWS_DEFAULT_REGION=c : s3 region
says a AWS_REGION=b -- --region a : s3 region
says from-default AWS_REGION= : s3 region

# Profile: the command line, AWS_PROFILE, AWS_DEFAULT_PROFILE.
says from-dev AWS_DEFAULT_PROFILE=dev : s3 region
says from-dev AWS_PROFILE=dev AWS_DEFAULT_PROFILE=keyless : s3 region
says from-dev AWS_PROFILE=keyless -- --profile dev : s3 region
says "error: config: *profile 'nobody' is in neither */.aws/config nor */.aws/credentials; there are: *dev*" \
    AWS_PROFILE=nobody : s3 region
says "error: config: *profile 'nobody' is in neither*" \
    AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=s -- --profile nobody : s3 region

# Credentials: the environment before the files, but not before a profile that is named.
says AKIDDEFAULT : s3 key
says AKIDDEV AWS_PROFILE=dev : s3 key
says AKIDENV AWS_ACCESS_KEY_ID=AKIDENV AWS_SECRET_ACCESS_KEY=s : s3 key
says AKIDENV AWS_PROFILE=dev AWS_ACCESS_KEY_ID=AKIDENV AWS_SECRET_ACCESS_KEY=s : s3 key
says AKIDDEV AWS_ACCESS_KEY_ID=AKIDENV AWS_SECRET_ACCESS_KEY=s -- --profile dev : s3 key
says unsigned -- --no-sign-request : s3 key
says 'error: config: *AWS_SECRET_ACCESS_KEY is not*' AWS_ACCESS_KEY_ID=A : s3 key
says "error: config: *no credentials found*profile 'keyless'*'awl doctor'*" AWS_PROFILE=keyless : s3 key
says "error: config: *profile 'half' has aws_access_key_id but no aws_secret_access_key*" \
    AWS_PROFILE=half : s3 key

# No region: an error but for the services that are the same everywhere.
says 'error: config: *no region is set for sqs: give --region*' AWS_CONFIG_FILE=/nowhere : sqs url
says https://s3.us-east-1.amazonaws.com/ AWS_CONFIG_FILE=/nowhere : s3 url
says https://s3.eu-west-1.amazonaws.com/ AWS_CONFIG_FILE=/nowhere AWS_REGION=eu-west-1 : s3 url
says https://iam.amazonaws.com/ AWS_CONFIG_FILE=/nowhere : iam url
says 'error: config: *no region is set for iam*' AWS_CONFIG_FILE=/nowhere \
    AWS_ENDPOINT_URL=http://127.0.0.1:1 : iam url

# Endpoints, most specific first.
says http://arg.test AWS_ENDPOINT_URL=http://e.test -- --endpoint-url http://arg.test : s3 endpoint_url
says http://es3.test AWS_ENDPOINT_URL_S3=http://es3.test AWS_ENDPOINT_URL=http://e.test \
    AWS_PROFILE=urls : s3 endpoint_url
says http://e.test AWS_ENDPOINT_URL=http://e.test AWS_PROFILE=urls : s3 endpoint_url
says http://s3.test AWS_PROFILE=urls : s3 endpoint_url
says http://streams.test AWS_PROFILE=urls : dynamodbstreams endpoint_url
says http://x.test AWS_ENDPOINT_URL_DYNAMODB_STREAMS=http://x.test : dynamodbstreams endpoint_url
says http://global.test AWS_PROFILE=urls : sqs endpoint_url
says http://global.test AWS_PROFILE=global : s3 endpoint_url
says nil AWS_PROFILE=ignoring : s3 endpoint_url
says nil AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true AWS_ENDPOINT_URL=http://e.test \
    AWS_PROFILE=urls : s3 endpoint_url
says http://arg.test AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true -- \
    --endpoint-url http://arg.test : s3 endpoint_url

# How calls are authenticated: the environment, the profile, and Bedrock's rule.
keys=(AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=s)
says 'AWS4-HMAC-SHA256 nil' "${keys[@]}" : sts scheme
says 'AWS4-ECDSA-P256-SHA256 from-default' "${keys[@]}" AWS_AUTH_SCHEME_PREFERENCE=sigv4a : sts scheme
says 'AWS4-ECDSA-P256-SHA256 us-east-1,eu-west-1' "${keys[@]}" AWS_PROFILE=everywhere : sts scheme
says 'AWS4-ECDSA-P256-SHA256 *' "${keys[@]}" AWS_SIGV4A_SIGNING_REGION_SET='*' \
    AWS_PROFILE=everywhere : sts scheme
says 'AWS4-HMAC-SHA256 nil' "${keys[@]}" AWS_AUTH_SCHEME_PREFERENCE=sigv4 \
    AWS_PROFILE=everywhere : sts scheme
says 'Bearer nil' AWS_BEARER_TOKEN_BEDROCK=token : bedrock scheme
says 'Bearer nil' AWS_BEARER_TOKEN_BEDROCK=token AWS_AUTH_SCHEME_PREFERENCE=sigv4 : bedrock scheme
says 'AWS4-HMAC-SHA256 nil' "${keys[@]}" AWS_BEARER_TOKEN_STS=token : sts scheme
says 'AWS4-HMAC-SHA256 nil' "${keys[@]}" AWS_BEARER_TOKEN_BEDROCK= : bedrock scheme

# An operation's own list of schemes: one that is optional, none, another than the service's.
mkdir -p "$home/models/optional/2020-01-01"
cat > "$home/models/optional/2020-01-01/service-2.json" <<'END'
{"version": "2.0", "metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "optional",
  "protocol": "rest-json", "serviceId": "Optional", "serviceFullName": "Optional",
  "signatureVersion": "v4", "auth": ["aws.auth#sigv4"], "uid": "optional"},
 "operations": {
  "Either": {"name": "Either", "http": {"method": "GET", "requestUri": "/"},
   "auth": ["aws.auth#sigv4", "smithy.api#noAuth"]},
  "Nobody": {"name": "Nobody", "http": {"method": "GET", "requestUri": "/"},
   "auth": ["smithy.api#noAuth"]},
  "Token": {"name": "Token", "http": {"method": "GET", "requestUri": "/"},
   "auth": ["smithy.api#httpBearerAuth"]}}, "shapes": {}}
END
own=(AWS_DATA_PATH="$home/models" AWS_ENDPOINT_URL=https://own.test AWS_BEARER_TOKEN_OPTIONAL=t)
says 'AWS4-HMAC-SHA256 unsigned Bearer' "${keys[@]}" "${own[@]}" \
    : optional 'scheme of Either' 'scheme of Nobody' 'scheme of Token'
says 'unsigned unsigned Bearer' "${keys[@]}" "${own[@]}" AWS_AUTH_SCHEME_PREFERENCE=noAuth \
    : optional 'scheme of Either' 'scheme of Nobody' 'scheme of Token'

# Files: other places, a missing one, a malformed one.
printf '[default]\nregion = elsewhere\n' > "$home/other"
says elsewhere AWS_CONFIG_FILE='~/other' : s3 region
says elsewhere AWS_CONFIG_FILE="\$HOME/other" : s3 region
says nil AWS_CONFIG_FILE=/nowhere : sqs region
printf '[default]\nregion\n' > "$home/malformed"
says "error: config: *cannot read $home/malformed: line 2: expected 'name = value'*" \
    AWS_CONFIG_FILE="$home/malformed" : s3 region

# Other settings.
says 'true true' AWS_USE_FIPS_ENDPOINT=True AWS_USE_DUALSTACK_ENDPOINT=true \
    : s3 use_fips_endpoint use_dualstack_endpoint
says 7 AWS_MAX_ATTEMPTS=7 : s3 max_attempts
says false AWS_ENDPOINT_DISCOVERY_ENABLED=False : dynamodb endpoint_discovery_enabled
says true AWS_PROFILE=discovering : dynamodb endpoint_discovery_enabled
says "error: config: *AWS_ENDPOINT_DISCOVERY_ENABLED must be one of auto, true, false, not 'perhaps'*" \
    AWS_ENDPOINT_DISCOVERY_ENABLED=perhaps : dynamodb endpoint_discovery_enabled
says "error: config: *AWS_MAX_ATTEMPTS must be a whole number from 1 to 1000, not 'many'*" AWS_MAX_ATTEMPTS=many : s3 region
says /ca.pem AWS_CA_BUNDLE=/ca.pem REQUESTS_CA_BUNDLE=/other.pem : s3 ca_bundle

# Checksums and compression.
bodies='request_checksum_calculation response_checksum_validation disable_request_compression
    request_min_compression_size_bytes'
# shellcheck disable=SC2086 # words
says 'when_required when_supported true 20' AWS_PROFILE=bodies : s3 $bodies
# shellcheck disable=SC2086
says 'when_supported when_required false 0' AWS_PROFILE=bodies \
    AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_SUPPORTED \
    AWS_RESPONSE_CHECKSUM_VALIDATION=when_required AWS_DISABLE_REQUEST_COMPRESSION=False \
    AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES=0 : s3 $bodies
says "error: config: *AWS_REQUEST_CHECKSUM_CALCULATION must be one of when_supported, when_required, not 'never'*" \
    AWS_REQUEST_CHECKSUM_CALCULATION=never : s3 region
says "error: config: *AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES must be a whole number from 0 to 10485760, not 'x'*" \
    AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES=x : s3 region

echo "$((count - failed)) of $count cases agree"
((failed == 0))
