#!/usr/bin/env bash
# A role for the token of an identity provider: oauth2-mock-server issues the tokens, an
# STS of the test's own checks each against the provider's keys.
. "$(dirname "$0")/lib.sh"

command -v oauth2-mock-server >/dev/null || skip "oauth2-mock-server is not installed (npm)"
python3 -c 'import cryptography' 2>/dev/null || skip "python3's cryptography is not installed"

free_port
provider=http://127.0.0.1:$port
serve provider "$port" oauth2-mock-server -a 127.0.0.1 -p "$port" || die "no provider"
free_port
serve sts "$port" python3 "$here/web_identity_sts.py" "$port" "$provider" || die "no STS"

# new_token: another one into the file.
new_token() {
    curl -sS "$provider/token" -d grant_type=client_credentials -d scope=awl |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])' \
            >"$work/token"
}

cat >"$work/who.lua" <<'END'
local awl = require "awl"
local sts = awl.client "sts"
print(sts:get_caller_identity().Arn)
if arg[1] then
  os.execute(arg[1])
  print(sts:get_caller_identity().Arn) -- its first answer is that the keys have expired
end
END

who() {
    env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY AWS_ENDPOINT_URL_STS="http://127.0.0.1:$port" \
        AWS_ROLE_ARN=arn:aws:iam::123456789012:role/Pod AWS_ROLE_SESSION_NAME=me \
        AWS_WEB_IDENTITY_TOKEN_FILE="$work/token" "$AWL" --debug run "$work/who.lua" "$@" 2>"$work/err"
}

arn=arn:aws:sts::123456789012:assumed-role/Pod/me
new_token
check "a role is assumed for a token" [ "$(who)" = "$arn" ]
check "the token is not told" [ "$(grep -c "$(cut -d. -f3 "$work/token")" "$work/err")" = 0 ]
check "the role stands in the cache" [ "$(who; grep -c Assume "$work/sts.log")" = "$arn
1" ]

cp "$work/token" "$work/old"
rm -r "$work/.aws"
sed 's/\..*\./.e30./' "$work/old" >"$work/token"
who && check "a token that was changed is refused" false
check "a token that was changed is refused" grep -q InvalidIdentityToken "$work/err"
check "nor is that one told" [ "$(grep -c "$(cut -d. -f3 "$work/old")" "$work/err")" = 0 ]

cp "$work/old" "$work/token"
new_token && mv "$work/token" "$work/new" && cp "$work/old" "$work/token"
check "expired keys are replaced with the file's new token" \
    [ "$(who "cp '$work/new' '$work/token'; touch '$work/expire'")" = "$arn
$arn" ]
check "the new one was used" grep -q "^Assume $(cut -d. -f3 "$work/new")" "$work/sts.log"
finish
