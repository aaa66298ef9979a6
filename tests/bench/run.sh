#!/usr/bin/env bash
# Measures awl beside the bare libuv + libcurl program (raw.c) and, where they are
# installed, boto3 and the AWS SDK for JavaScript; prints tables in Markdown.
#
#   tests/bench/run.sh [SUITE ...]
#   tests/bench/run.sh >tests/bench/results.md
#
#   calls         CPU and calls/s of each operation, 50 in flight, over TLS
#   flight        1,000 and 10,000 calls at once to a server that answers after 50 ms
#   tasks         10,000 tasks of which 50 are in flight; memory of a waiting task
#   scale         cost of an item of awl.map from 1,000 to 1,000,000 items
#   body          a body of 256 MiB, streamed; a file of 256 MiB, sent
#   lambda-table  list 100 objects, get each one's ACL, 15 ms away, with Lambda's CPU shares
#   cold          one STS call over TLS, from exec to exit
#   first-call    what the first call to a service costs beyond the second
#   startup       awl -e '' beside an empty program with the same libraries
#   scheduler     what tasks cost
#   codec         nanoseconds a member, each protocol, both ways
#   sign          nanoseconds a signature
#   checksum      GB/s of each checksum
#   layers        instructions a call, by layer (needs valgrind)
#
# Needs nginx, python3 and openssl. BENCH_ROUNDS (9) rounds are interleaved; only ratios
# of one run mean anything. AWL_BUILD names a build to measure; else build/bench is made.
# BENCH_JS=1 installs the packages of the AWS SDK for JavaScript, with npm, into
# ~/.cache/awl-bench and measures it too.
set -uo pipefail
. "$(dirname "$0")/lib.sh"

rounds=${BENCH_ROUNDS:-9}
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(calls flight tasks scale body lambda-table cold first-call
    startup scheduler codec sign checksum layers)

title() {
    printf '\n## %s\n\n' "$1"
}

# Lines of "ROW WHO {json}" become a table: medians by row, and ratios to raw.
table() {
    python3 "$bench/table.py" "$@"
}

plain_text() {
    echo '```'
    "$@"
    echo '```'
}

about() {
    printf '# Results\n\nawl %s, %s, %s cores, %s; %s rounds.\n' \
        "$("$AWL" --version | head -1 | grep -o '[0-9][0-9.]*' | head -1)" \
        "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
        "$(uname -sm)" "$rounds"
}

find_peers() {
    peers=()
    ! python3 -c 'import boto3' 2>/dev/null || peers=(boto3-1 boto3)
    [ "${BENCH_JS:-0}" = 1 ] || return 0
    export BENCH_JS_FOLDER=${XDG_CACHE_HOME:-$HOME/.cache}/awl-bench NODE_NO_WARNINGS=1
    [ -e "$BENCH_JS_FOLDER/node_modules/@aws-sdk/client-ec2" ] || (
        mkdir -p "$BENCH_JS_FOLDER" && cd "$BENCH_JS_FOLDER" &&
            npm install --silent --no-audit --no-fund --prefix . @smithy/node-http-handler \
                @aws-sdk/client-{sts,s3,lambda,dynamodb,sqs,ec2}
    ) >&2 || return 0
    peers+=(node)
}

# peer WHO OP N C URL
peer() {
    local who=$1
    shift
    case $who in
    boto3-1) on_client python3 "$bench/boto3_client.py" "$1" "$2" 1 "$4" ;;
    boto3) on_client python3 "$bench/boto3_client.py" "$@" ;;
    node) on_client node "$bench/node_client.mjs" "$@" 2>/dev/null ;;
    esac
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
                echo "$op $who $(peer "$who" "$op" $((n / 20)) 50 "$(url_of "$op" "$TLS_URL")")"
            done
        done
    done >"$WORK/rows"
    table cpu beyond rate memory <"$WORK/rows"
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

measure_bodies() {
    local i scheme url folder
    for scheme in plain tls; do
        url=$PLAIN_URL folder=$WORK/plain
        [ $scheme = plain ] || url=$TLS_URL folder=$WORK/tls
        for ((i = 0; i < rounds; i++)); do
            echo "get-$scheme raw $(PERF_COLD=1 on_client "$RAW" "$folder/get256m.request" 2 1)"
            echo "get-$scheme awl $(PERF_COLD=1 on_client "$AWL" "$bench/client.lua" get256m 2 1 "$url")"
        done
    done
    # Not over plain HTTP: there awl signs what it sends, and raw does not.
    export BENCH_FILE=$WORK/answers/get256m
    for ((i = 0; i < rounds; i++)); do
        echo "put-tls raw $(PERF_COLD=1 RAW_UPLOAD=$BENCH_FILE on_client "$RAW" "$WORK/tls/put256m.request" 2 1)"
        echo "put-tls awl $(PERF_COLD=1 on_client "$AWL" "$bench/client.lua" put256m 2 1 "$TLS_URL")"
    done
}

suite_body() {
    title "body: 256 MiB, streamed from the server (get) and from a file (put, with a CRC-32)"
    measure_bodies >"$WORK/rows"
    table cpu_ms memory <"$WORK/rows"
}

suite_lambda_table() {
    local mb k i
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
    table best <"$WORK/rows"
    drop_cgroup
}

suite_cold() {
    local i who
    title "cold: one STS call over TLS, from exec to exit (wall)"
    for ((i = 0; i < 3 * rounds; i++)); do
        echo "sts raw $(timed env PERF_COLD=1 "$RAW" "$WORK/tls/sts.request" 1 1)"
        echo "sts awl $(timed env PERF_COLD=1 "$AWL" "$bench/client.lua" sts 1 1 "$(url_of sts "$TLS_URL")")"
        for who in "${peers[@]}"; do
            [ $((i % 3)) -ne 0 ] || [ "$who" = boto3-1 ] || echo "sts $who $(cold_peer "$who")"
        done
    done >"$WORK/rows"
    table wall_ms <"$WORK/rows"
}

cold_peer() {
    local program=(node "$bench/node_client.mjs")
    [ "$1" = node ] || program=(python3 "$bench/boto3_client.py")
    timed env PERF_COLD=1 "${program[@]}" sts 1 1 "$(url_of sts "$TLS_URL")"
}

suite_first_call() {
    local op i
    title "first-call: milliseconds of CPU, medians; another client has been made before"
    for op in sts get1k getitem ec2 lambda sqs; do
        for ((i = 0; i < rounds; i++)); do
            on_client "$AWL" "$bench/first_call.lua" "$op" "$(url_of "$op" "$PLAIN_URL")"
        done
    done >"$WORK/rows"
    python3 "$bench/table.py" first_call <"$WORK/rows"
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
    plain_text on_client "$AWL" "$bench/scheduler.lua"
}

suite_codec() {
    title "codec"
    plain_text on_client "$build/tests/bench/codec"
}

suite_sign() {
    title "sign"
    plain_text on_client "$build/tests/bench/sign"
}

suite_checksum() {
    title "checksum"
    plain_text on_client "$build/tests/bench/checksum"
}

suite_layers() {
    title "layers: instructions a call, 50 in flight, plain HTTP"
    AWL_BUILD=$build "$bench/layers.sh"
}

start_nginx
find_peers
about
for suite in "${suites[@]}"; do
    name=suite_${suite//-/_}
    declare -F "$name" >/dev/null || {
        echo "run.sh: there is no suite '$suite'" >&2
        exit 2
    }
    "$name"
done
