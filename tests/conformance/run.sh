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
# line. Exit status: 0, 1 if a case failed or a runner broke, 2 for wrong arguments.
set -uo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
all=(protocols protocols-extra response-parsing endpoints endpoints-stdlib sigv4
    jmespath eventstream cbor timestamps json-parsing checksums customizations client)

die() {
    echo "run.sh: $1" >&2
    exit 2
}

data=${AWL_CONFORMANCE_DATA:-$root/../shared/conformance}
given=no
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

if [ ! -d "$data" ]; then
    [ $given = no ] || die "there is no folder '$data'"
    cat <<EOF
NOTHING WAS TESTED: there is no folder of test vectors at '$data'.
The vectors are public and no part of this repository: most are in boto/botocore
(tests/unit/protocols, response_parsing, cbor; tests/functional/endpoint-rules), the
others in awslabs/aws-c-auth (SigV4), jmespath/jmespath.test, smithy-lang/smithy (event
streams, customizations), smithy-rs (timestamps) and nst/JSONTestSuite. Name the folder
that has them with --data or AWL_CONFORMANCE_DATA.
EOF
    exit 0
fi
data=$(cd "$data" && pwd)

# The tests see no account and no configuration of whoever runs them.
unset "${!AWS_@}" AWL_OPTIONS AWL_MODELS
export AWS_EC2_METADATA_DISABLED=true

view=$(mktemp -d) || exit 1
trap 'rm -rf "$view"' EXIT
mkdir "$view/data"

build=${AWL_BUILD:-$root/build/dev}
if [ -z "${AWL_BUILD:-}" ]; then
    (cd "$root" && cmake --preset dev && cmake --build --preset dev) \
        >"$view/build.log" 2>&1 || {
        tail -30 "$view/build.log" >&2
        echo "run.sh: the build failed" >&2
        exit 1
    }
fi

# The runners take a folder: they get one with the suites that are asked for.
for suite in "${suites[@]}"; do
    if [ -d "$data/$suite" ]; then
        ln -s "$data/$suite" "$view/data/$suite"
    else
        echo "$suite: not in the data"
    fi
done
if [ -d "$view/data/endpoints-stdlib" ] && [ ! -e "$view/data/endpoints" ]; then
    mkdir "$view/data/endpoints"
    [ ! -e "$data/endpoints/partitions.json" ] ||
        ln -s "$data/endpoints/partitions.json" "$view/data/endpoints/"
fi

has() {
    local suite
    for suite in "$@"; do
        [ ! -e "$view/data/$suite" ] || return 0
    done
    return 1
}

# runner NAME COMMAND... keeps its output. One that ends badly without having named a
# failed case has crashed or could not start.
runner() {
    local name=$1 status
    shift
    "$@" >"$view/$name.out" 2>"$view/$name.err"
    status=$?
    cat "$view/$name.out" >>"$view/all"
    if [ $status -ne 0 ] && ! grep -q '^FAIL ' "$view/$name.out"; then
        tail -20 "$view/$name.err" >&2
        echo "FAIL $name: it ended with status $status" >>"$view/all"
        echo "$name: 0 passed, 1 failed, 0 skipped" >>"$view/all"
    fi
}

bin=$build/tests/conformance
: >"$view/all"
! has sigv4 checksums timestamps eventstream || runner aws "$bin/aws_vectors" "$view/data"
! has protocols protocols-extra response-parsing json-parsing cbor eventstream ||
    runner protocol "$bin/protocol_vectors" "$view/data"
! has endpoints endpoints-stdlib || runner endpoint "$bin/endpoint_vectors" "$view/data"
! has jmespath || runner jmespath "$bin/jmespath_vectors" "$view/data"
for script in operation_inputs customizations recursion_detection; do
    suite=$script
    case $script in
    operation_inputs) suite=endpoints ;;
    recursion_detection) suite=client ;;
    esac
    [ -f "$root/tests/conformance/$script.lua" ] && [ -d "$view/data/$suite" ] || continue
    runner $script "$build/awl" run "$root/tests/conformance/$script.lua" "$view/data/$suite"
done

# Files of a suite are added up; what is there without data says nothing.
awk -v prefix="$view/data/" -v verbose=$verbose '
    function shown(text) {
        while ((at = index(text, prefix)) > 0)
            text = substr(text, 1, at - 1) substr(text, at + length(prefix))
        return text
    }
    /^FAIL / || (verbose == "yes" && /^SKIP /) { print shown($0); next }
    /^[0-9]+ passed, / { next }
    match($0, /: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/) {
        name = shown(substr($0, 1, RSTART - 1))
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
    }' "$view/all"
