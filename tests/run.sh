#!/usr/bin/env bash
# Builds awl with warnings as errors and runs its tests; ends with ctest's summary.
#
#   tests/run.sh              what fits in minutes: unit, Lua, conformance, integration
#   tests/run.sh --all        and ASan + UBSan, clang, valgrind, the fuzz targets, style
#                             checks, and the slow tests, within 45 minutes on 2 cores
#
# Installs what is missing (scripts/setup.sh). AWL_FUZZ_SECONDS (20) is the time each
# fuzz target gets.
set -uo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
}

all=no
for option in "$@"; do
    case $option in
    --all) all=yes ;;
    --help) usage; exit 0 ;;
    *) echo "run.sh: unknown option '$option' (see --help)" >&2; exit 2 ;;
    esac
done

# The tests see no account, no configuration and no proxy of whoever runs them.
unset "${!AWS_@}" AWL_OPTIONS AWL_MODELS http_proxy https_proxy all_proxy \
    HTTP_PROXY HTTPS_PROXY ALL_PROXY
export AWS_EC2_METADATA_DISABLED=true

cores=$(nproc)
failed=()

# phase TITLE COMMAND... runs it and remembers a failure.
phase() {
    local title=$1 status begin=$SECONDS
    shift
    printf '\n== %s\n' "$title"
    "$@"
    status=$?
    if [ $status -eq 0 ]; then
        printf -- '-- %s: ok, %d s\n' "$title" $((SECONDS - begin))
    else
        failed+=("$title")
        printf -- '-- %s: FAILED (%d), %d s\n' "$title" $status $((SECONDS - begin))
    fi
    return $status
}

build() {
    cmake --preset "$1" && cmake --build --preset "$1"
}

run_ctest() {
    local preset=$1
    shift
    ctest --test-dir "build/$preset" --parallel "$cores" --output-on-failure \
        --no-tests=error --timeout 600 "$@"
}

check_format() {
    git ls-files -- 'runtime/*.[ch]' 'tests/*.[ch]' | xargs clang-format --dry-run -Werror
}

check_lua() {
    luacheck --quiet lua scripts tests
}

# A unit test that leaks, or reads what was never written, fails.
check_memory() {
    find build/dev/tests/unit -maxdepth 1 -type f -name 'test_*' -perm -u+x -print0 |
        sort -z | xargs -0 -r -n 1 -P "$cores" tests/memcheck.sh
}

fuzz() {
    find build/fuzz/tests/fuzz -maxdepth 1 -type f -name 'fuzz_*' -perm -u+x -print0 |
        sort -z | xargs -0 -r -n 1 -P "$cores" tests/fuzz/run.sh
}

if [ $all = no ]; then
    phase "packages" scripts/setup.sh --test || exit 1
    phase "build (dev)" build dev || exit 1
    printf '\n== tests (dev)\n'
    run_ctest dev -LE slow
    exit
fi

phase "packages" scripts/setup.sh --all || exit 1
phase "format" check_format
phase "luacheck" check_lua
phase "build (dev)" build dev || exit 1
phase "build (asan)" build asan && phase "tests (asan)" run_ctest asan -LE slow
phase "build (clang)" build clang && phase "tests (clang)" run_ctest clang -LE slow
phase "unit tests under valgrind" check_memory
phase "build (bench)" build bench && phase "what a call costs" run_ctest bench -R hot_path
phase "build (fuzz)" build fuzz && phase "fuzz targets" fuzz
phase "tests (dev, the slow ones too)" run_ctest dev

printf '\n'
if [ ${#failed[@]} -gt 0 ]; then
    printf 'run.sh: FAILED: %s\n' "${failed[@]}"
    exit 1
fi
printf 'run.sh: all phases ok, %d min\n' $(((SECONDS + 59) / 60))
