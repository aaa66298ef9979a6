#!/usr/bin/env bash
# CPU of a call by layer, as instructions that callgrind counts: they repeat exactly but
# for what depends on when an answer comes. One small call and one large answer, plain
# HTTP, 50 in flight; raw beside awl.
#
#   tests/bench/layers.sh [OP ...]      (sts and ec2)
set -uo pipefail
. "$(dirname "$0")/lib.sh"
command -v valgrind >/dev/null || {
    echo "layers: skipped, needs valgrind"
    exit 0
}
start_nginx

count() {
    local out=$1
    shift
    PERF_COLD=1 valgrind --tool=callgrind --callgrind-out-file="$out" "$@" \
        >/dev/null 2>"$WORK/valgrind.log" || {
        tail -3 "$WORK/valgrind.log" >&2
        return 1
    }
}

[ $# -gt 0 ] || set -- sts ec2
for op in "$@"; do
    n=400
    [ "$op" != ec2 ] && [ "$op" != list1000 ] || n=50
    url=$(url_of "$op" "$PLAIN_URL")
    for who in raw awl; do
        for times in 1 2; do
            if [ $who = raw ]; then
                count "$WORK/$times.out" "$RAW" "$WORK/plain/$op.request" $((times * n)) 50
            else
                count "$WORK/$times.out" "$AWL" "$bench/client.lua" "$op" $((times * n)) 50 "$url"
            fi || exit 1
        done
        printf '\n| %s, %s | instructions a call | |\n|---|---:|---:|\n' "$op" $who
        python3 "$bench/layers.py" $n "$WORK/1.out" "$WORK/2.out"
    done
done
