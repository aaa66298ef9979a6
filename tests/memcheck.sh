#!/bin/sh
# Runs one program under valgrind: any leak or bad access fails, and only then is
# there much to read. AWL_MEMCHECK is set for tests that measure time.
#
#   tests/memcheck.sh PROGRAM [ARGUMENT...]
export AWL_MEMCHECK=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
    --errors-for-leak-kinds=definite,indirect --track-origins=yes "$@" >"$log" 2>&1; then
    echo "ok   $(basename "$1")"
else
    echo "FAIL $(basename "$1")"
    cat "$log"
    exit 1
fi
