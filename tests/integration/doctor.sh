#!/usr/bin/env bash
# `awl doctor`: what it finds, what it says to do, its exit codes, and that it shows no
# secret. The emulator is STS.
. "$(dirname "$0")/lib.sh"

unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION
mkdir -m 700 "$work/.aws"
cat >"$work/.aws/credentials" <<'END'
[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = very-secret
aws_session_token = very-secret-too
END
cat >"$work/.aws/config" <<'END'
[default]
region = eu-west-1
retry_mode = adaptive
[profile sso]
region = eu-west-1
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Reader
[profile wrong]
region = eu-west-1
retry_mode = sometimes
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.test
END
chmod 600 "$work/.aws/"*

"$AWL" local --port 0 --quiet >"$work/url" 2>"$work/local.err" &
servers+=($!)
until [ -s "$work/url" ] || ! kill -0 "${servers[0]}" 2>/dev/null; do sleep 0.02; done
url=$(cat "$work/url")
[ -n "$url" ] || die "the emulator does not come up"

count=0
# doctor STATUS [VARIABLE=value...] [-- OPTION...]: what it prints is in $out.
doctor() {
    local wanted=$1 variables=() status
    shift
    while [[ ${1:-} == *=* ]]; do variables+=("$1") && shift; done
    [[ ${1:-} != -- ]] || shift
    out=$(env "${variables[@]}" "$AWL" doctor "$@" 2>&1)
    status=$?
    [ $status -eq "$wanted" ] || die "doctor ${variables[*]} $*: exit code $status
$out"
    ! grep -q very-secret <<<"$out" || die "a secret is shown: $out"
    count=$((count + 1))
}
says() {
    grep -qE -- "$1" <<<"$out" || die "no '$1' in:
$out"
}

doctor 0 AWS_ENDPOINT_URL="$url"
says '^ok +region +eu-west-1 \(region in profile .default.\)$'
says '^ok +credentials +shared file, key \.\.\.MPLE$'
says '^ +environment: AWS_ACCESS_KEY_ID is not set$'
says '^ok +caller +arn:aws:iam::000000000000:user/local, account 000000000000$'
says "^ok +clock +as AWS's$"
says '^ok +models +botocore [0-9.]+, embedded$'
says '^ +retry_mode = adaptive \(retry_mode in profile .default.\)$'
says '^ok +open files +at most '

doctor 0 AWS_ENDPOINT_URL="$url" -- --output json
python3 - "$out" <<'END' || die "the JSON is not what it should be: $out"
import json, sys
found = json.loads(sys.argv[1])
checks = {check["name"]: check for check in found["checks"]}
assert found["ok"] is True, found
assert checks["caller"]["status"] == "ok"
assert "shared files: found" in checks["credentials"]["details"]
END

doctor 0 -- --offline
says '^note +caller +not asked \(--offline\)$'

doctor 253 AWS_PROFILE=sso
says '^WRONG +credentials +there is no SSO token for .corp.; run `aws sso login --sso-session corp`$'
doctor 253 AWS_PROFILE=nobody
says "^WRONG +profile +profile 'nobody' is in neither"
doctor 253 AWS_PROFILE=wrong AWS_ENDPOINT_URL="$url"
says "^WRONG +setting +retry_mode in profile 'wrong' must be one of standard, adaptive, legacy, not 'sometimes'$"
doctor 253 AWS_CONFIG_FILE=/nowhere AWS_SHARED_CREDENTIALS_FILE=/nowhere
says '^WRONG +region +none is set$'
says '^WRONG +credentials +none found$'
says '^ +imds: AWS_EC2_METADATA_DISABLED is set$'
says '^ +> set AWS_REGION'
doctor 253 AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_MAX_ATTEMPTS=1
says '^WRONG +caller +ConnectionRefused'
says '^ +> look at network, proxy and CA bundle$'
doctor 253 AWS_ENDPOINT_URL="$url" AWS_CA_BUNDLE=/nowhere.pem
says '^WRONG +CA bundle +/nowhere.pem \(AWS_CA_BUNDLE\) cannot be read$'
printf '[default]\nregion\n' >"$work/malformed"
doctor 253 AWS_CONFIG_FILE="$work/malformed"
says "^WRONG +files +cannot read $work/malformed: line 2: expected 'name = value'"

doctor 0 AWS_ENDPOINT_URL="$url" NO_PROXY=127.0.0.1 HTTPS_PROXY=http://me:very-secret@127.0.0.1:1
says 'HTTPS_PROXY=http://\*\*\*@127\.0\.0\.1:1 NO_PROXY=127\.0\.0\.1$'

chmod 644 "$work/.aws/credentials"
doctor 0 AWS_ENDPOINT_URL="$url"
says "^note +permissions +$work/.aws/credentials can be read by others$"
[ "$(grep -c 'a file with secrets can be read by others' <<<"$out")" -eq 1 ] ||
    die "the warning comes other than once: $out"

"$AWL" doctor --no-such-option >/dev/null 2>&1
[ $? -eq 252 ] || die "a wrong option has another exit code than 252"

echo "$count checkups agree"
