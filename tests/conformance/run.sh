#!/usr/bin/env bash
# Runs the public test vectors that AWS SDKs are checked with.
#
#   tests/conformance/run.sh [--data DIR] [-v] [SUITE ...]
#
# The vectors are taken from DIR, else from $AWL_CONFORMANCE_DATA, else from
# ../shared/conformance beside the checkout; suites and files that are not there are left
# out. The runners are those of $AWL_BUILD, else of build/dev, which is built first.
# Without a SUITE all are run. -v also prints the cases that are skipped and why.
#
# Prints "SUITE: N passed, N failed, N skipped" for each suite and the sums on the last
# line. With the default data, a skip that skips.txt does not list is a failure, and so is
# an entry of it that nothing skips. Exit status: 0, 1 if a case failed or a runner broke,
# 2 for wrong arguments.
set -uo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/conformance
all=(protocols protocols-extra response-parsing endpoints endpoints-stdlib sigv4
    jmespath eventstream cbor timestamps json-parsing checksums customizations
    s3 credentials retries client)

die() {
    echo "run.sh: $1" >&2
    exit 2
}

data=${AWL_CONFORMANCE_DATA:-$root/../shared/conformance}
given=no
default=$([ -z "${AWL_CONFORMANCE_DATA:-}" ] && echo yes || echo no)
verbose=no
suites=()
while [ $# -gt 0 ]; do
    case $1 in
    --data)
        [ $# -gt 1 ] || die "--data takes a folder"
        data=$2
        given=yes
        shift
        ;;
    --data=*) data=${1#--data=} given=yes ;;
    -v) verbose=yes ;;
    --help)
        sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '$d'
        exit 0
        ;;
    -*) die "unknown option '$1' (see --help)" ;;
    *)
        case " ${all[*]} " in
        *" $1 "*) suites+=("$1") ;;
        *) die "there is no suite '$1'; there are ${all[*]}" ;;
        esac
        ;;
    esac
    shift
done
[ ${#suites[@]} -gt 0 ] || suites=("${all[@]}")
[ $given = no ] || default=no

if [ ! -d "$data" ]; then
    [ $given = no ] || die "there is no folder '$data'"
    cat <<EOF
NOTHING WAS TESTED: there is no folder of test vectors at '$data'.
The vectors are public and no part of this repository: most are in boto/botocore
(tests/unit/protocols, response_parsing, cbor; tests/functional/endpoint-rules), the
others in awslabs/aws-c-auth (SigV4), jmespath/jmespath.test, smithy-lang/smithy (event
streams, customizations), smithy-rs (timestamps) and nst/JSONTestSuite. Name the folder
that has them with --data or AWL_CONFORMANCE_DATA.
0 passed, 0 failed, 0 skipped
EOF
    exit 0
fi
data=$(cd "$data" && pwd) || exit 1

# The tests see no account and no configuration of whoever runs them.
unset "${!AWS_@}" AWL_OPTIONS AWL_MODELS
export AWS_EC2_METADATA_DISABLED=true

view=$(mktemp -d) || exit 1
trap 'rm -rf "$view"' EXIT

build=${AWL_BUILD:-$root/build/dev}
if [ -z "${AWL_BUILD:-}" ]; then
    (cd "$root" && cmake --preset dev && cmake --build --preset dev) \
        >"$view/build.log" 2>&1 || {
        tail -30 "$view/build.log" >&2
        echo "run.sh: the build failed" >&2
        exit 1
    }
fi
bin=$build/tests/conformance

# runner NAME COMMAND... keeps its output. One that ends badly without having named a
# failed case, or by a signal, has crashed or could not start.
runner() {
    local name=$1 status
    shift
    "$@" >"$view/out" 2>"$view/err"
    status=$?
    cat "$view/out" >>"$view/all"
    if [ $status -gt 1 ] || { [ $status -ne 0 ] && ! grep -q '^FAIL ' "$view/out"; }; then
        tail -20 "$view/err" >&2
        echo "FAIL $name: the runner '$(basename "$1")' ended with status $status"
        echo "$name: 0 passed, 1 failed, 0 skipped"
    fi >>"$view/all"
}

# script SUITE NAME ARGS... runs a Lua runner.
script() {
    local suite=$1 name=$2
    shift 2
    runner "$suite" "$build/awl" run "$here/$name.lua" "$@"
}

# A runner gets a folder with the one suite that is asked for.
run_suite() {
    local suite=$1
    local folder=$view/$suite
    mkdir "$folder"
    ln -s "$data/$suite" "$folder/$suite"
    case $suite in
    protocols | protocols-extra | response-parsing | json-parsing | cbor)
        runner "$suite" "$bin/protocol_vectors" "$folder"
        ;;
    sigv4 | checksums | timestamps)
        runner "$suite" "$bin/aws_vectors" "$folder" "$suite"
        ;;
    eventstream)
        runner eventstream "$bin/aws_vectors" "$folder" eventstream
        runner eventstream "$bin/protocol_vectors" "$folder"
        [ ! -d "$folder/eventstream/transcribe" ] ||
            AWS_DATA_PATH=$root/tests/conformance/models \
                script eventstream transcribe "$folder/eventstream"
        ;;
    endpoints)
        runner endpoints "$bin/endpoint_vectors" "$folder"
        script operation-inputs operation_inputs "$folder/endpoints"
        ;;
    endpoints-stdlib)
        if [ -e "$data/endpoints/partitions.json" ]; then
            mkdir "$folder/endpoints"
            ln -s "$data/endpoints/partitions.json" "$folder/endpoints/"
            runner endpoints-stdlib "$bin/endpoint_vectors" "$folder"
        else
            echo "endpoints-stdlib: it needs endpoints/partitions.json, not in the data"
        fi
        ;;
    jmespath) runner jmespath "$bin/jmespath_vectors" "$folder" ;;
    retries) runner retries "$bin/retry_vectors" "$folder" ;;
    s3)
        runner s3 "$bin/aws_vectors" "$folder" s3
        script s3 s3 "$folder/s3"
        ;;
    customizations) script customizations customizations "$folder/customizations" ;;
    credentials)
        script credentials config_file "$folder/credentials/config-file-parser-tests.json"
        script credentials credentials "$folder/credentials"
        ;;
    client)
        script client recursion_detection "$folder/client"
        script client attempts "$folder/client"
        script client user_agent "$folder/client"
        ;;
    esac
}

: >"$view/all"
ran=()
for suite in "${suites[@]}"; do
    if [ -d "$data/$suite" ]; then
        run_suite "$suite"
        ran+=("$suite")
    else
        echo "$suite: not in the data"
    fi
done

# "/tmp/x/SUITE/SUITE/file" is "SUITE/file".
awk -v view="$view/" '{
    while ((at = index($0, view)) > 0) {
        rest = substr($0, at + length(view))
        $0 = substr($0, 1, at - 1) substr(rest, index(rest, "/") + 1)
    }
    print
}' "$view/all" >"$view/shown"

# The skips of the suites that were run against the entries of skips.txt; an entry that
# ends in "*" stands for all that begin so. Operation inputs are endpoints' own.
compare_skips() {
    awk -v ran=" ${ran[*]} " '
    FILENAME == ARGV[1] {
        if (/^#/ || NF == 0) next
        suite = $1
        sub(/\/.*/, "", suite)
        if (suite == "operation-inputs") suite = "endpoints"
        if (index(ran, " " suite " ") > 0) needed[$0] = 0
        next
    }
    /^SKIP / {
        line = substr($0, 6)
        found = 0
        for (entry in needed) {
            start = entry ": "
            if (entry ~ /\*$/) start = substr(entry, 1, length(entry) - 1)
            if (index(line, start) == 1) { needed[entry]++; found = 1 }
        }
        if (!found) { print "FAIL skips.txt: not listed: " line; bad++ }
    }
    END {
        for (entry in needed)
            if (needed[entry] == 0) { print "FAIL skips.txt: nothing skips: " entry; bad++ }
        if (bad > 0) printf "skips.txt: 0 passed, %d failed, 0 skipped\n", bad
    }' "$here/skips.txt" "$view/shown" >"$view/skips"
    cat "$view/skips" >>"$view/shown"
}
[ "$default" = no ] || compare_skips

# Files of a suite are added up; what is there without data says nothing.
awk -v verbose=$verbose '
    /^FAIL / || (verbose == "yes" && /^SKIP /) { print; next }
    /^[0-9]+ passed, / { next }
    match($0, /: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/) {
        name = substr($0, 1, RSTART - 1)
        sub(/\/.*/, "", name)
        split(substr($0, RSTART + 2), n, /[^0-9]+/)
        if (!(name in passed)) order[++count] = name
        passed[name] += n[1]; failed[name] += n[2]; skipped[name] += n[3]
    }
    END {
        for (i = 1; i <= count; i++) {
            name = order[i]
            if (passed[name] + failed[name] + skipped[name] == 0) continue
            printf "%s: %d passed, %d failed, %d skipped\n", name, passed[name],
                failed[name], skipped[name]
            p += passed[name]; f += failed[name]; s += skipped[name]
        }
        printf "%d passed, %d failed, %d skipped\n", p, f, s
        exit f > 0
    }' "$view/shown"
