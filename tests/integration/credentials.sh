#!/usr/bin/env bash
# Credentials from peers: moto as STS and metadata service, the AWS CLI's cache, real
# programs for credential_process, a terminal for the code of an MFA device.
source "$(dirname "$0")/lib.sh"

command -v moto_server >/dev/null || skip "moto_server is not installed"

up=no
for _ in 1 2 3; do
    free_port
    serve moto "$port" moto_server -H 127.0.0.1 -p "$port" && up=yes && break
done
[ $up = yes ] || die "moto does not start"
moto=http://127.0.0.1:$port
account=123456789012
role=arn:aws:iam::$account:role

mkdir "$work/.aws"
cat >"$work/.aws/config" <<END
[profile role]
role_arn = $role/Role
source_profile = base
external_id = something
[profile chained]
role_arn = $role/Chained
source_profile = role
role_session_name = chained
[profile mfa]
role_arn = $role/Mfa
source_profile = base
mfa_serial = arn:aws:iam::$account:mfa/me
[profile process]
credential_process = "$work/my program" 'one word'
[profile broken]
credential_process = "$work/my program" broken
[profile instance]
role_arn = $role/Instance
credential_source = Ec2InstanceMetadata
END
cat >"$work/.aws/credentials" <<END
[base]
aws_access_key_id = AKIDBASE
aws_secret_access_key = secret
END
chmod 600 "$work/.aws/credentials"
cat >"$work/my program" <<'END'
#!/bin/sh
[ "$1" = broken ] && { echo "the card is missing" >&2; exit 9; }
[ "$1" = "one word" ] || exit 1
echo '{"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "hushhush", "Expiration": "2099-01-01T00:00:00Z"}'
END
chmod +x "$work/my program"

cat >"$work/who.lua" <<'END'
local awl = require "awl"
local ok, who = pcall(function() return awl.client "sts":get_caller_identity() end)
print(ok and who.Arn or tostring(who))
END

# who VARIABLE=value... is the caller's ARN, or the error.
clean=(env -i HOME="$work" PATH="$PATH" AWS_REGION=us-east-1 AWS_ENDPOINT_URL_STS="$moto"
    AWS_EC2_METADATA_DISABLED=true ASAN_OPTIONS="${ASAN_OPTIONS:-}")
who() {
    "${clean[@]}" "$@" "$AWL" "$work/who.lua" 2>&1
}

# key VARIABLE=value... is the access key that signs.
key() {
    "${clean[@]}" "$@" "$AWL" -e 'print((awl.client "sqs":prepare("list_queues", {})
        .headers.Authorization:match "Credential=([^/]+)"))' 2>&1
}

matches() {
    # shellcheck disable=SC2053 # a pattern
    [[ $1 == $2 ]] || {
        printf '  got:    %s\n  wanted: %s\n' "$1" "$2"
        return 1
    }
}

check "a role of a profile" matches "$(who AWS_PROFILE=role)" "*:assumed-role/Role/awl-session-*"
check "a role through another's" \
    matches "$(who AWS_PROFILE=chained)" "*:assumed-role/Chained/chained"
check "a program's keys" matches "$(key AWS_PROFILE=process)" AKIDPROCESS
logged=$("${clean[@]}" AWS_PROFILE=process AWL_LOG=debug "$AWL" "$work/who.lua" 2>&1)
check "the log tells who was asked" matches "$logged" "*no keys here*provider=assume_role*"
check "the log tells whose keys they are" matches "$logged" "*new keys*key_ends=CESS*credential process*"
check "the log has no secret" [ "${logged/hushhush/}" = "$logged" ]
check "a program's complaint" matches "$(who AWS_PROFILE=broken)" "*status 9: the card is missing*"
check "the metadata service's keys" matches "$(key AWS_EC2_METADATA_DISABLED=false \
    AWS_EC2_METADATA_SERVICE_ENDPOINT="$moto")" test-key
check "the metadata service's keys without the proxy" matches "$(key \
    AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT="$moto" \
    http_proxy=http://127.0.0.1:1)" test-key
check "a role from the metadata service" matches "$(who AWS_PROFILE=instance \
    AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT="$moto")" \
    "*:assumed-role/Instance/awl-session-*"
echo a.b.c >"$work/token"
check "a role for a web identity" matches "$(who AWS_WEB_IDENTITY_TOKEN_FILE="$work/token" \
    AWS_ROLE_ARN=$role/Web AWS_ROLE_SESSION_NAME=pod)" "*:assumed-role/Web/pod"
check "an MFA code without a terminal" \
    matches "$(who AWS_PROFILE=mfa setsid </dev/null)" "*MfaRequired*no terminal*"

if command -v python3 >/dev/null; then
    cat >"$work/terminal.py" <<'END'
import os, pty, select, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvpe(sys.argv[1], sys.argv[1:], os.environ)
seen, answered = b"", False
while select.select([fd], [], [], 60)[0]:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    seen += data
    if b"Enter MFA code for" in seen and not answered:
        answered = True
        os.write(fd, b"654321\n")
print(seen.decode().replace("\r", ""))
END
    answer=$("${clean[@]}" AWS_PROFILE=mfa python3 "$work/terminal.py" "$AWL" "$work/who.lua")
    check "an MFA code on a terminal" matches "$answer" "Enter MFA code for *mfa/me:*assumed-role/Mfa/*"
    check "an MFA code is not shown" [ "${answer/654321/}" = "$answer" ]
    check "no second MFA code while the first role lasts" \
        matches "$(who AWS_PROFILE=mfa setsid </dev/null)" "*:assumed-role/Mfa/*"
fi

# Both ways through ~/.aws/cli/cache.
aws_who() {
    "${clean[@]}" AWS_DEFAULT_REGION=us-east-1 "$@" aws sts get-caller-identity \
        --query Arn --output text 2>&1
}
if "${clean[@]}" aws --version >/dev/null 2>&1; then
    check "the AWS CLI takes the role from awl's cache" \
        matches "$(aws_who AWS_PROFILE=role)" "$(who AWS_PROFILE=role)"
    rm -rf "$work/.aws/cli"
    theirs=$(aws_who AWS_PROFILE=role)
    check "awl takes the role from the AWS CLI's cache" matches "$(who AWS_PROFILE=role)" "$theirs"
    check "that is a session of the CLI's" matches "$theirs" "*/botocore-session-*"
fi

finish
