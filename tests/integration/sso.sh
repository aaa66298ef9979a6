#!/usr/bin/env bash
# Logins of SSO and of `aws login`, shared with botocore; botocore's own code reads what
# awl has written.
. "$(dirname "$0")/lib.sh"

unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION
# Version managers of Python look into the user's own folder.
python() {
    HOME=$user_home python3 "$@"
}
python -c 'import botocore' 2>/dev/null || skip "botocore is not installed"
python "$here/sso.py" "$AWL"
