#!/usr/bin/env bash
# Many calls at once to a server that answers each after a while: all must be under way
# together, in little more time than one takes, and in little memory.
#
#   load.sh CALLS DELAY_MS SECONDS MB     limits on the wall time of all and on VmHWM
. "$(dirname "$0")/lib.sh"

calls=${1:-1000} delay_ms=${2:-1000} seconds=${3:-2} mb=${4:-120}
[ -z "${AWL_SANITIZE:-}" ] || skip "time and memory say nothing in a sanitized build"

files=$((calls + 200))
ulimit -n "$files" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
[ "$(ulimit -n)" -ge "$files" ] ||
    skip "$calls connections need $files open files, the limit is $(ulimit -n)"

start_server() {
    local try
    for try in 1 2 3; do
        free_port
        mkfifo "$work/stdin.$try"
        # It ends with its standard input, which this shell holds open.
        "${SLOW_SERVER:?the slow server}" "$port" "$delay_ms" \
            <"$work/stdin.$try" >"$work/server.log" 2>&1 &
        servers+=($!)
        exec 9>"$work/stdin.$try"
        local waited
        for ((waited = 0; waited < 200; waited++)); do
            listening "$port" && return 0
            kill -0 "${servers[-1]}" 2>/dev/null || break
            sleep 0.05
        done
    done
    return 1
}
start_server || die "the slow server did not start"

stats() {
    local line
    exec 8<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&8
    while read -r -t 5 line <&8; do
        case $line in *'"max"'*) stats=$line && break ;; esac
    done
    exec 8>&-
}

stats=
stats reset
result=$(AWS_ENDPOINT_URL=http://127.0.0.1:$port "$AWL" "$here/load.lua" "$calls" 9>&-)
status=$?
stats=
stats stats
echo "succeeded, failed, seconds, MB: $result"
echo "server: $stats"
read -r succeeded failed elapsed peak <<<"$result"

together() {
    local max
    max=$(sed -n 's/.*"max" *: *\([0-9]*\).*/\1/p' <<<"$stats")
    [ "${max:-0}" -ge "$calls" ]
}
in_time() {
    awk -v took="${elapsed:-999}" -v most="$seconds" 'BEGIN { exit !(took < most) }'
}

check "all $calls calls succeed" [ "$status/${succeeded:-0}" = "0/$calls" ]
check "the server saw all of them at once" together
check "they end within $seconds s" in_time
check "they take at most $mb MB" [ "${peak:-9999}" -le "$mb" ]
finish
