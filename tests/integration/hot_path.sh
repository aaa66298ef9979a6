#!/usr/bin/env bash
# What a warm small call costs in things that can be counted, so that a regression fails
# here and not in a timing: allocations by awl itself, bytes of Lua's memory, system calls.
# The first two are the same in each run; the limits have little room above what is.
. "$(dirname "$0")/lib.sh"

[ -z "${AWL_SANITIZE:-}" ] || skip "a sanitized build has its own malloc"
[ -n "${NDEBUG:-}" ] || skip "in a build for finding bugs Lua uses the C library's malloc"

mkfifo "$work/stdin"
"${SLOW_SERVER:?the slow server}" 0 1 <"$work/stdin" >"$work/port" 2>/dev/null &
servers+=($!)
exec 9>"$work/stdin"
for ((i = 0; i < 200; i++)); do
    [ ! -s "$work/port" ] || break
    sleep 0.05
done
[ -s "$work/port" ] || die "the slow server did not start"
export AWS_ENDPOINT_URL=http://127.0.0.1:$(head -1 "$work/port")

# The difference of two runs is what 200 calls take.
allocations() {
    local n
    for n in 200 400; do
        COUNTS_FILE=$work/$n LD_PRELOAD=$COUNTER "$AWL" "$here/hot_path.lua" "$1" "$n" \
            >"$work/lua" 9>&- || return 1
    done
    echo $((($(cat "$work/400") - $(cat "$work/200")) / 2))
}
system_calls() {
    local n
    for n in 200 400; do
        strace -f -qq -o "$work/$n" "$AWL" "$here/hot_path.lua" "$1" "$n" \
            >/dev/null 9>&- || return 1
    done
    echo $((($(wc -l <"$work/400") - $(wc -l <"$work/200")) / 2))
}

# check_counts OPERATION ALLOCATIONS LUA_BYTES SYSTEM_CALLS, the limits of 100 calls (of
# one for the bytes)
check_counts() {
    local found
    found=$(allocations "$1")
    check "100 calls of $1 allocate at most $2 times (${found:-?})" \
        [ "${found:-999999}" -le "$2" ]
    found=$(cat "$work/lua")
    check "a call of $1 takes at most $3 bytes of Lua's memory (${found:-?})" \
        [ "${found:-999999}" -le "$3" ]
    strace -qq -o /dev/null true 2>/dev/null || {
        echo "system calls are not counted: needs strace that may trace"
        return
    }
    found=$(system_calls "$1")
    check "100 calls of $1 make at most $4 system calls (${found:-?})" \
        [ "${found:-999999}" -le "$4" ]
}
check_counts sts 20 768 640
check_counts lambda 20 768 640
finish
