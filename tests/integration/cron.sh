#!/usr/bin/env bash
# As cron runs it: no terminal, no HOME, a bare environment. One message on a failure,
# nothing on a success, the right exit code.
. "$(dirname "$0")/lib.sh"

cd "$work" || exit 1

# cron COMMAND...: as cron would, without a terminal; $status, $work/out and $work/err.
cron() {
    env -i PATH=/usr/bin:/bin SHELL=/bin/sh LOGNAME=root setsid "$@" \
        >"$work/out" 2>"$work/err" </dev/null
    status=$?
}

# reports STATUS TEXT: exit code, a first line with the text, nothing on stdout.
reports() {
    if [ "$status" -eq "$1" ] && head -n 1 "$work/err" | grep -qF -- "$2" &&
        [ "$(grep -c '^awl' "$work/err")" -eq 1 ] && [ ! -s "$work/out" ]; then
        return 0
    fi
    echo "     exit code $status instead of $1"
    sed 's/^/     out: /' "$work/out"
    sed 's/^/     err: /' "$work/err"
    return 1
}

silent() {
    [ "$status" -eq 0 ] && [ ! -s "$work/err" ] && return 0
    echo "     exit code $status"
    sed 's/^/     err: /' "$work/err"
    return 1
}

cron "$AWL" -e 'print(#awl.json.encode({}))'
check "a script that succeeds says nothing but its data" silent

cat >list.lua <<'LUA'
local awl = require "awl"
awl.client("s3"):list_buckets()
LUA
cron env AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b "$AWL" -e 'awl.client("sqs"):list_queues()'
check "no region is one message" reports 2 "region"

cron "$AWL" --region us-east-1 list.lua
check "no credentials are one message" reports 2 "credentials"

free_port
cron env AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_REGION=us-east-1 AWS_MAX_ATTEMPTS=1 \
    "$AWL" --endpoint-url "http://127.0.0.1:$port" list.lua
check "a refused connection is one message" reports 2 "127.0.0.1"

cron "$AWL" nowhere.lua
check "a missing script is one message" reports 252 "nowhere.lua"

cron "$AWL" -e 'local x = = 1'
check "a syntax error is one message" reports 2 "near"

cron "$AWL" -e 'os.exit(7)'
check "the script's own exit code stays" [ "$status" -eq 7 ]

cron "$AWL" --no-such-option list.lua
check "a bad option is one message" reports 252 "no-such-option"

cron "$AWL" -e 'error("out of order", 0)'
check "an uncaught error is one message" reports 2 "out of order"

if command -v flock >/dev/null; then
    exec 7>lock
    flock 7
    cron flock -n -E 5 lock "$AWL" -e 'print(1)'
    check "with flock, a second run ends at once" [ "$status" -eq 5 ]
    exec 7>&-
fi

finish
