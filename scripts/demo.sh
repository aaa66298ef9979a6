#!/bin/sh
# Shows the main job on the embedded emulator, with no AWS account: installs what is
# missing, builds the program, and runs 40 system tests at once.
#
#   scripts/demo.sh [OPTIONS OF system_test.lua]
set -eu
cd "$(dirname "$0")/.."

scripts/setup.sh
cmake --preset release
cmake --build --preset release

echo
echo '$ build/release/awl --local scripts/system_test.lua' "$@"
exec build/release/awl --local scripts/system_test.lua "$@"
