#!/usr/bin/env bash
# Measures awl beside the bare libuv + libcurl program (raw.c) and, where they are
# installed, boto3 and the AWS SDK for JavaScript; prints tables.
#
#   tests/bench/run.sh [SUITE ...]
#
#   calls         CPU and calls/s of each operation, 50 in flight, over TLS
#   flight        1,000 and 10,000 calls at once to a server that answers after 50 ms
#   tasks         10,000 tasks of which 50 are in flight; memory of a waiting task
#   scale         cost of an item of awl.map from 1,000 to 1,000,000 items
#   body          a body of 256 MiB, streamed
#   lambda-table  list 100 objects, get each one's ACL, 15 ms away, with Lambda's CPU shares
#   cold          one STS call over TLS, from exec to exit
#   startup       awl -e '' beside an empty program with the same libraries
#   scheduler     what tasks cost
#   codec         nanoseconds a member, each protocol, both ways
#   sign          nanoseconds a signature
#   checksum      GB/s of each checksum
#
# Needs nginx, python3 and openssl. BENCH_ROUNDS (9) rounds are interleaved; only ratios
# of one run mean anything. AWL_BUILD names a build to measure; else build/bench is made.
set -uo pipefail
. "$(dirname "$0")/lib.sh"

rounds=${BENCH_ROUNDS:-9}
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(calls flight tasks scale body lambda-table cold startup
    scheduler codec sign checksum)

title() {
    printf '\n== %s\n' "$1"
}

# Lines of "ROW WHO {json}" become a table: medians by row, and ratios to raw.
table() {
    python3 "$bench/table.py" "$@"
}

with_peers() {
    python3 -c 'import boto3' 2>/dev/null && peers=(boto3) || peers=()
}

calls_of() {
    case $1 in
    ec2 | list1000) echo 600 ;;
    list100 | batchget | get1m) echo 2000 ;;
    *) echo 6000 ;;
    esac
}

suite_calls() {
    local op i n
    title "calls: 50 in flight, TLS"
    for op in ${BENCH_OPS:-sts lambda acl get1k getitem sqs list100 list1000 batchget ec2 get1m}; do
        n=$(calls_of "$op")
        for ((i = 0; i < rounds; i++)); do
            echo "$op raw $(on_client "$RAW" "$WORK/tls/$op.request" "$n" 50)"
            echo "$op awl $(on_client "$AWL" "$bench/client.lua" "$op" "$n" 50 "$(url_of "$op" "$TLS_URL")")"
        done
        for who in "${peers[@]}"; do
            for ((i = 0; i < 3; i++)); do
                echo "$op $who $(on_client python3 "$bench/boto3_client.py" "$op" $((n / 20)) 50 "$(url_of "$op" "$TLS_URL")")"
            done
        done
    done >"$WORK/rows"
    table cpu rate memory <"$WORK/rows"
}

suite_flight() {
    local n i
    title "flight: all at once, cold, the server answers after 50 ms"
    ulimit -n "$(ulimit -Hn)" 2>/dev/null
    for n in 1000 10000; do
        [ "$(ulimit -n)" -gt $((n + 200)) ] || continue
        start_slow_server 50
        for ((i = 0; i < (rounds + 2) / 3; i++)); do
            echo "plain-$n raw $(PERF_COLD=1 on_client "$RAW" "$WORK/slow.request" "$n" "$n")"
            echo "plain-$n awl $(PERF_COLD=1 on_client "$AWL" "$bench/client.lua" sts "$n" "$n" "$slow_url")"
        done
        stop_slow_server
    done >"$WORK/rows"
    table wall cpu memory <"$WORK/rows"
}

suite_tasks() {
    local i
    title "tasks: 10,000 tasks, 50 calls in flight, TLS"
    for ((i = 0; i < rounds; i++)); do
        echo "sts raw $(on_client "$RAW" "$WORK/tls/sts.request" 10000 50)"
        echo "sts awl $(on_client "$AWL" "$bench/tasks.lua" 10000 50 "$(url_of sts "$TLS_URL")")"
    done >"$WORK/rows"
    table cpu memory <"$WORK/rows"
}

suite_scale() {
    local n
    title "scale: awl.map over N items, results = false, 50 in flight, plain HTTP"
    for n in 1000 10000 100000 1000000; do
        echo "map-$n awl $(PERF_COLD=1 on_client "$AWL" "$bench/client.lua" sts "$n" 50 "$(url_of sts "$PLAIN_URL")")"
    done >"$WORK/rows"
    table cpu memory <"$WORK/rows"
}

suite_body() {
    local i scheme url folder
    title "body: 256 MiB, streamed"
    for scheme in plain tls; do
        url=$PLAIN_URL folder=$WORK/plain
        [ $scheme = plain ] || url=$TLS_URL folder=$WORK/tls
        for ((i = 0; i < rounds; i++)); do
            echo "$scheme raw $(PERF_COLD=1 on_client "$RAW" "$folder/get256m.request" 2 1)"
            echo "$scheme awl $(PERF_COLD=1 on_client "$AWL" "$bench/client.lua" get256m 2 1 "$url")"
        done
    done >"$WORK/rows"
    table cpu memory <"$WORK/rows"
}

suite_lambda_table() {
    local mb k i far
    title "lambda-table: wall milliseconds, list 100 + 100 ACLs, 50 workers"
    make_cgroup || {
        echo "skipped: needs a cgroup with a CPU quota (as root)"
        return
    }
    start_relay 7 || return
    sed "s|$TLS_URL|$far_url|" "$WORK/tls/acl.request" >"$WORK/acl.far"
    sed "s|$TLS_URL|$far_url|" "$WORK/tls/list100.request" >"$WORK/list.far"
    for mb in 128 256 512 1024 1792; do
        set_quota $((mb * 100000 / 1769))
        for ((i = 0; i < rounds; i++)); do
            for k in 4 8 16 25 50; do
                echo "$mb raw$k $(PERF_COLD=1 RAW_SIGN=us-east-1/s3 RAW_FIRST=$WORK/list.far \
                    in_cgroup "$RAW" "$WORK/acl.far" 100 "$k")"
            done
            echo "$mb awl $(PERF_COLD=1 in_cgroup "$AWL" "$bench/client.lua" trek 100 50 "$far_url")"
        done
    done >"$WORK/rows"
    table wall_ms <"$WORK/rows"
    drop_cgroup
}

suite_cold() {
    local i
    title "cold: one STS call over TLS, from exec to exit (wall)"
    for ((i = 0; i < 3 * rounds; i++)); do
        echo "sts raw $(timed env PERF_COLD=1 "$RAW" "$WORK/tls/sts.request" 1 1)"
        echo "sts awl $(timed env PERF_COLD=1 "$AWL" "$bench/client.lua" sts 1 1 "$(url_of sts "$TLS_URL")")"
    done >"$WORK/rows"
    table wall_ms <"$WORK/rows"
}

suite_startup() {
    local i
    title "startup: awl -e '' beside an empty program with the same libraries (wall)"
    for ((i = 0; i < 5 * rounds; i++)); do
        echo "empty raw $(timed "$build/tests/bench/empty")"
        echo "empty awl $(timed "$AWL" -e '')"
    done >"$WORK/rows"
    table wall_ms <"$WORK/rows"
}

suite_scheduler() {
    title "scheduler"
    on_client "$AWL" "$bench/scheduler.lua"
}

suite_codec() {
    title "codec"
    on_client "$build/tests/bench/codec"
}

suite_sign() {
    title "sign"
    on_client "$build/tests/bench/sign"
}

suite_checksum() {
    title "checksum"
    on_client "$build/tests/bench/checksum"
}

start_nginx
with_peers
for suite in "${suites[@]}"; do
    name=suite_${suite//-/_}
    declare -F "$name" >/dev/null || {
        echo "run.sh: there is no suite '$suite'" >&2
        exit 2
    }
    "$name"
done
