#!/usr/bin/env bash
# The models in the repository are those of botocore: the source form made again from
# an installed botocore of the same version has the same bytes, and operations are
# called as botocore calls them.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
# Beside the program, unless it is named.
tool=${AWL_MODELS_TOOL:-$(dirname "$AWL")/runtime/model/awl-models}
stored=$root/runtime/model/data/models.jsonl.xz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
    echo "SKIPPED: $1"
    exit 77
}

command -v python3 >/dev/null || skip "there is no python3"
installed=$(python3 -c 'import botocore; print(botocore.__version__)' 2>/dev/null) ||
    skip "botocore is not installed"

python3 -c 'import lzma, shutil, sys
shutil.copyfileobj(lzma.open(sys.argv[1]), open(sys.argv[2], "wb"))' \
    "$stored" "$work/stored.jsonl"
wanted=$(head -n 1 "$work/stored.jsonl" |
    sed -n 's/^{"format":1,"version":"botocore \([^"]*\)".*/\1/p')
[ -n "$wanted" ] || {
    echo "the stored source form names no version of botocore"
    exit 1
}
[ "$installed" = "$wanted" ] ||
    skip "botocore is $installed, the models are of $wanted"

data=$(python3 -c 'import botocore, os
print(os.path.join(os.path.dirname(botocore.__file__), "data"))')
"$tool" source "$data" -o "$work/made.jsonl"
cmp "$work/stored.jsonl" "$work/made.jsonl"

"$tool" build "$work/made.jsonl" -o "$work/a.pack"
"$tool" build "$stored" -o "$work/b.pack"
cmp "$work/a.pack" "$work/b.pack"

"$tool" operations "$work/a.pack" >"$work/operations"
python3 - "$work/stored.jsonl" "$work/operations" <<'PYTHON'
import json, sys
from botocore import xform_name

wanted = []
with open(sys.argv[1]) as lines:
    next(lines)
    for line in lines:
        service = json.loads(line)
        wanted += [(service["name"], name, xform_name(name))
                   for name in service["model"]["operations"]]
with open(sys.argv[2]) as lines:
    made = [tuple(line.split()) for line in lines]
wrong = set(wanted) ^ set(made)
for entry in sorted(wrong)[:20]:
    print("differs:", *entry)
print(f"{len(made)} operations, {len(wrong)} differences")
sys.exit(1 if wrong or len(made) < 10000 else 0)
PYTHON
