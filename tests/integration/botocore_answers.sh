#!/usr/bin/env bash
# botocore reads what awl's server side answers: see botocore_answers.py. The arguments are
# those of botocore_diff.sh.
. "$(dirname "$0")/botocore_diff.sh"
