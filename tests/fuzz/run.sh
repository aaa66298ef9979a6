#!/bin/sh
# Runs one libFuzzer target for a while on a corpus that starts from its seeds
# (tests/fuzz/corpus/NAME, where it exists). What it finds stays beside the target.
#
#   tests/fuzz/run.sh TARGET [SECONDS]     (AWL_FUZZ_SECONDS, else 20)
set -eu
target=$1
seconds=${2:-${AWL_FUZZ_SECONDS:-20}}
name=$(basename "$target")
seeds=$(dirname "$0")/corpus/${name#fuzz_}
corpus=$(mktemp -d)
log=$(mktemp)
trap 'rm -rf "$corpus" "$log"' EXIT

[ -d "$seeds" ] || seeds=
if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$(dirname "$target")/$name-" -print_final_stats=1 \
    "$corpus" $seeds >"$log" 2>&1 </dev/null; then
    echo "ok   $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
else
    echo "FAIL $name"
    tail -60 "$log"
    exit 1
fi
