#!/usr/bin/env bash
# Settings of environment and profile, resolved by awl and by botocore.
. "$(dirname "$0")/lib.sh"

# Version managers of Python look into the user's own folder.
python() {
    HOME=$user_home python3 "$@"
}
python -c 'import botocore' 2>/dev/null || skip "botocore is not installed"
python "$here/settings.py" "$AWL" "$here/settings.lua"
