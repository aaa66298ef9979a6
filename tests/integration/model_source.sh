#!/usr/bin/env bash
# The models in the repository are those of botocore: the source form made again from
# an installed botocore of the same version has the same bytes, and operations are
# called as botocore calls them.
. "$(dirname "$0")/lib.sh"

need_botocore
set -e

# Beside the program, unless it is named.
tool=${AWL_MODELS_TOOL:-$(dirname "$AWL")/runtime/model/awl-models}
stored=$root/runtime/model/data/models.jsonl.xz

xz -dc "$stored" >"$work/stored.jsonl"
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
