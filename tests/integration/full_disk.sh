#!/usr/bin/env bash
# A disk without room: who writes to it is told what failed, where and why; what was there
# before stays, and nothing half written is left beside it.
. "$(dirname "$0")/lib.sh"

# A file system of 16 KiB of our own, gone with the process that it is made for.
if [ -z "${FULL_DISK:-}" ]; then
    mkdir "$work/disk"
    unshare -rm mount -t tmpfs none "$work/disk" 2>/dev/null ||
        skip "no file system can be mounted here"
    # shellcheck disable=SC2016 # for the inner shell
    FULL_DISK=$work/disk HOME=$user_home unshare -rm bash -c \
        'mount -t tmpfs -o size=16k none "$FULL_DISK" && bash "$0"' "$0"
    exit
fi
disk=$FULL_DISK

# fails CODE PATTERN COMMAND... : so it ends, and so its errors read.
fails() {
    local code=$1 pattern=$2 status
    shift 2
    "$@" 2>"$work/err"
    status=$?
    # shellcheck disable=SC2053 # the wanted text is a pattern
    [ $status -eq "$code" ] && [[ $(<"$work/err") == $pattern ]] && return 0
    echo "  exit code $status, wanted $code: $(<"$work/err")"
    return 1
}

holds() { test "$(ls "$disk" | tr '\n' ' ')" = "$1"; }
to_disk() { "$@" >"$disk/out"; }

check "awl.fs.write_file" fails 2 "awl: $disk/a: cannot write: no space left on device*" \
    "$AWL" -e 'awl.fs.write_file((...) .. "/a", ("x"):rep(100000))' "$disk"
rm "$disk/a"
check "a file's write" fails 2 "awl: $disk/a: cannot write: no space left on device*" \
    "$AWL" -e 'local f <close> = awl.fs.open((...) .. "/a", "w")
        for _ = 1, 100 do f:write(("x"):rep(1000)) end' "$disk"
rm "$disk/a"
check "print" fails 2 "awl: cannot write to standard output: No space left on device" \
    to_disk "$AWL" -e 'for i = 1, 20000 do print(i) end'
check "io.write" fails 2 "awl: cannot write to standard output: No space left on device" \
    to_disk "$AWL" -e 'io.write(("x"):rep(100000))'
check "awl.emit" fails 2 "awl: cannot write the output: No space left on device*" \
    to_disk "$AWL" -e 'for i = 1, 20000 do awl.emit { i = i } end'
check "a command" fails 255 "awl: cannot write to standard output: No space left on device" \
    to_disk "$AWL" models list
rm "$disk/out"

data=$(HOME=$user_home python3 -c \
    'import botocore, os; print(os.path.dirname(botocore.__file__))' 2>/dev/null) || finish
echo old >"$disk/old.pack"
check "models build" fails 255 "awl: cannot write '$disk/old.pack': No space left on device" \
    "$AWL" models build "$data" -o "$disk/old.pack"
check "leaves the pack alone" test "$(<"$disk/old.pack")" = old
check "and nothing else" holds "old.pack "
XDG_DATA_HOME=$disk check "models update" fails 255 \
    "awl: cannot write '$disk/awl/*.pack': No space left on device" "$AWL" models update "$data"
check "leaves nothing" test -z "$(ls "$disk/awl")"
finish
