#!/bin/sh
# Installs the Debian 12 packages that awl is built and tested with. Asks apt only
# when one is missing: a second run needs no network.
#
#   scripts/setup.sh          to build the program
#   scripts/setup.sh --test   and to build and run the tests
#   scripts/setup.sh --all    and for tests/run.sh --all
set -eu

build='
    gcc libc6-dev cmake ninja-build pkg-config ca-certificates
    liblua5.4-dev lua-cjson-dev lua-argparse lua-luassert lua-say
    libuv1-dev libcurl4-openssl-dev libssl-dev libhttp-parser-dev
    zlib1g-dev liblzma-dev libdeflate-dev libxxhash-dev libcbor-dev
'
test='
    libcmocka-dev libexpat1-dev strace python3 openssl
'
# clang and its run-time libraries, checkers, a server of HTTP/2, and Swift with its S3
# interface.
all='
    nodejs
    clang libclang-rt-14-dev llvm clang-format lua-check valgrind
    swift swift-proxy swift-account swift-container swift-object memcached
'

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
}

wanted=$build
for option in "$@"; do
    case $option in
    --test) wanted="$wanted $test" ;;
    --all) wanted="$wanted $test $all" ;;
    --help) usage; exit 0 ;;
    *) echo "setup.sh: unknown option '$option' (see --help)" >&2; exit 2 ;;
    esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "setup.sh: this system has no apt; install the counterparts of:" $wanted >&2
    exit 1
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
missing=
for package in $wanted; do
    printf '%s\n' "$installed" | grep -qx "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
    exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup.sh: to install$missing run this as root, or install sudo" >&2
        exit 1
    fi
    as_root=sudo
fi
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null
}

echo "setup.sh: installing$missing"
apt update
apt install -y --no-install-recommends $missing
