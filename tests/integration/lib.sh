# lib.sh - sourced by the integration tests: a folder of its own, servers that end with
# the test, free ports. The program is $AWL.

set -uo pipefail

AWL=${AWL:?the program to test}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
servers=()

# Nothing of the user's reaches a test.
unset "${!AWS_@}" AWL_OPTIONS AWL_MODELS AWL_LOG
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
user_home=${HOME:-/}
export HOME=$work AWS_EC2_METADATA_DISABLED=true
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret AWS_REGION=us-east-1

stop_servers() {
    local pid
    for pid in "${servers[@]}"; do
        kill "$pid" 2>/dev/null
    done
    for pid in "${servers[@]}"; do
        wait "$pid" 2>/dev/null
    done
    servers=()
}

on_exit() {
    stop_servers
    rm -rf "$work"
}
trap on_exit EXIT
trap 'exit 1' INT TERM

# skip REASON ends the test as skipped, in words.
skip() {
    echo "SKIPPED: $1"
    exit 77
}

die() {
    echo "FAIL $1"
    exit 1
}

# Skips the test unless python3 has the botocore that the stored models are of. Python runs
# with the user's own HOME from here on: version managers look into it.
need_botocore() {
    local installed wanted
    export HOME=$user_home AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
    command -v python3 >/dev/null || skip "there is no python3"
    installed=$(python3 -c 'import botocore; print(botocore.__version__)' 2>/dev/null) ||
        skip "botocore is not installed"
    wanted=$(xz -dc "$root/runtime/model/data/models.jsonl.xz" 2>/dev/null | head -n 1 |
        sed -n 's/^{"format":1,"version":"botocore \([^"]*\)".*/\1/p')
    [ -n "$wanted" ] || die "the stored models name no version of botocore"
    [ "$installed" = "$wanted" ] || skip "botocore is $installed, the models are of $wanted"
}

# for_services [--all | SERVICE...] runs the Python script of the test's name for these
# services; without arguments for those in the array sample.
for_services() {
    local services=("$@")
    [ $# -gt 0 ] || services=("${sample[@]}")
    [ "${1:-}" != --all ] || services=()
    need_botocore
    export AWS_BEARER_TOKEN_CODECATALYST=token AWS_BEARER_TOKEN_BEDROCK=token
    AWL=$AWL PYTHONDONTWRITEBYTECODE=1 \
        python3 "$here/$(basename "$0" .sh).py" ${services[@]+"${services[@]}"}
}

# A port that nobody listens on, in $port. Another may take it before it is used, so
# a server that does not come up is worth a second try.
free_port() {
    local low high
    read -r low high </proc/sys/net/ipv4/ip_local_port_range
    while :; do
        port=$((10000 + RANDOM % (low - 10000)))
        listening "$port" || return 0
    done
}

# Whether somebody answers on 127.0.0.1:PORT.
listening() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# serve NAME PORT COMMAND... starts a server and waits until its port answers: 0 then,
# 1 if it ended or did not answer within a minute. Its output is $work/NAME.log. It has
# the user's own HOME, where version managers look for what is installed.
serve() {
    local name=$1 port=$2 pid tries
    shift 2
    HOME=$user_home "$@" >"$work/$name.log" 2>&1 </dev/null &
    pid=$!
    servers+=("$pid")
    for ((tries = 0; tries < 1200; tries++)); do
        listening "$port" && kill -0 "$pid" 2>/dev/null && return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    echo "$name does not answer on port $port:"
    tail -5 "$work/$name.log"
    return 1
}

failures=0
checks=0

# check NAME COMMAND... counts, and says whether the command succeeded.
check() {
    local name=$1
    shift
    checks=$((checks + 1))
    if "$@"; then
        echo "ok   $name"
    else
        failures=$((failures + 1))
        echo "FAIL $name"
    fi
}

# Ends the test by what the checks said.
finish() {
    echo "$((checks - failures)) of $checks checks passed"
    [ "$failures" -eq 0 ]
    exit
}
