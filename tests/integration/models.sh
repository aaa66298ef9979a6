#!/usr/bin/env bash
# Models that a user replaces and extends: packs made of an installed botocore's data, a
# newer botocore's in place of the embedded ones, services in folders.
. "$(dirname "$0")/lib.sh"

python=(env HOME="$user_home" python3)
botocore=$("${python[@]}" -c 'import botocore, os; print(os.path.dirname(botocore.__file__))' \
    2>/dev/null) || skip "botocore is not installed"
data=$botocore/data
own=$HOME/.local/share/awl

# says WANTED WORD... : awl's output, both streams, is the wanted pattern.
says() {
    local wanted=$1 got
    shift
    got=$("$AWL" "$@" 2>&1)
    # shellcheck disable=SC2053 # the wanted text is a pattern
    [[ $got == $wanted ]] && return 0
    printf '  wanted: %s\n  got:    %s\n' "$wanted" "$got"
    return 1
}

# exits CODE WORD... : awl ends with it, and says nothing of a traceback.
exits() {
    local wanted=$1 status
    shift
    "$AWL" "$@" >"$work/out" 2>&1
    status=$?
    [ $status -eq "$wanted" ] && ! grep -q traceback "$work/out" && return 0
    echo "  exit code $status, wanted $wanted:"
    cat "$work/out"
    return 1
}

origin='print(select(2, require "awl.core.models".pack()))'
url='local service, operation, version = ...
local client = awl.client(service, { api_version = version })
print((client:prepare(operation, {}).url))'

# ---- build ----

"$AWL" models build "$data" -o "$work/a.pack" 2>"$work/build.log" || cat "$work/build.log"
"$AWL" models build "$botocore" -o "$work/b.pack" 2>/dev/null
check "the same data gives the same bytes" cmp "$work/a.pack" "$work/b.pack"
check "a pack can be used through AWL_MODELS" \
    env AWL_MODELS="$work/a.pack" "$AWL" "$here/models.lua" 1000
check "a directory without models is refused" exits 252 models build "$work" -o "$work/x"
check "a folder that cannot be written is named" \
    exits 255 models build "$data" -o /nowhere/x.pack
check "the message names it" grep -q "cannot write '/nowhere/x.pack'" "$work/out"

head -c 100000 "$work/a.pack" >"$work/cut.pack"
printf 'x' | dd of="$work/b.pack" bs=1 seek=5000000 conv=notrunc 2>/dev/null
for file in cut.pack b.pack models.py; do
    [ -e "$work/$file" ] || cp "$here/$file" "$work/$file"
    AWL_MODELS=$work/$file check "$file is refused by name" \
        exits 253 models list
    check "$file: what is wrong and what to do" \
        grep -Eq "/$file': (damaged|not a) model pack.*awl models build" "$work/out"
done
AWL_MODELS=$work/nothing check "a pack that is not there is refused" exits 253 models list
AWL_MODELS=$work/nothing check "a script without a client does not look at models" \
    says "1" -e 'print(1)'

# ---- update and reset ----

check "at first the embedded models are used" says embedded -e "$origin"
check "opening any service is quick" "$AWL" "$here/models.lua" "${AWL_SANITIZE:+100}5"
"$AWL" models update "$botocore" 2>"$work/update.log" || cat "$work/update.log"
check "an updated pack is used from then on" says "$own/models.pack" -e "$origin"
check "it can be read by all" test "$(stat -c %a "$own/models.pack")" = 644
check "nothing else is left" test "$(ls "$own" | tr '\n' ' ')" = "docs.pack models.pack "

# The signal comes while partitions.json is being read.
mkdir "$work/slow"
ln -s "$data/sts" "$data/sqs" "$work/slow"
mkfifo "$work/slow/partitions.json"
cp "$own/models.pack" "$work/before.pack"
for command in update "build -o $own/models.pack"; do
    # shellcheck disable=SC2086 # words
    env --default-signal=INT "$AWL" models $command "$work/slow" 2>/dev/null &
    exec 9>"$work/slow/partitions.json"
    kill -INT $!
    cat "$data/partitions.json" >&9
    exec 9>&-
    wait $!
    status=$?
    check "an interrupt ends $command" test $status -eq 130
    check "and the pack stays as it was" cmp "$work/before.pack" "$own/models.pack"
    check "with nothing beside it" test "$(ls "$own" | tr '\n' ' ')" = "docs.pack models.pack "
done
check "opening any service is as quick" "$AWL" "$here/models.lua" "${AWL_SANITIZE:+100}5"
"$AWL" models list --output json >"$work/list.json"
check "its services and API versions are botocore's" \
    "${python[@]}" "$here/models.py" versions "$work/list.json"
check "the texts are the models'" "${python[@]}" "$here/models.py" docs "$own/docs.pack"

lines=$("$AWL" models list)
check "the list fits on 80 columns" test "$(grep -v / <<<"$lines" | wc -L)" -le 80
check "it names botocore's version" grep -q "services. botocore [0-9.]*, from $own" <<<"$lines"
version=$("$AWL" -e 'print(awl.client("ec2", { api_version = "2015-03-01" }):prepare(
    "describe_regions").body:match "Version=([%d-]+)")')
check "another API version is sent" test "$version" = 2015-03-01

mkdir "$HOME/.aws"
printf '[default]\napi_versions =\n  ec2 = 2015-04-15\n' >"$HOME/.aws/config"
check "a profile may ask for API versions" says "*Version=2015-04-15*" -e \
    'print(awl.client("ec2"):prepare("describe_regions").body)'
rm "$HOME/.aws/config"
check "an API version that is not there is an error that names those that are" \
    says "*s3 has no API version '2001-01-01'; there is 2006-03-01*" -e \
    'awl.client("s3", { api_version = "2001-01-01" })'

printf '\377' | dd of="$own/models.pack" bs=1 seek=8 conv=notrunc 2>/dev/null
check "a pack of another format version is ignored, with a warning" \
    says "*models.pack': a model pack of another format version*embedded models are used*embedded" \
    -e "$origin"
"$AWL" models reset 2>/dev/null
check "reset removes it" says embedded -e "$origin"
check "and its texts" test -z "$(ls "$own")"
XDG_DATA_HOME=$work/xdg "$AWL" models update "$botocore" 2>/dev/null
check "XDG_DATA_HOME is honoured" test -s "$work/xdg/awl/models.pack"

# ---- folders ----

copy_model() { # SERVICE FOLDER: its newest model alone, as `aws configure add-model` has it
    local newest
    newest=$(ls "$data/$1" | tail -1)
    mkdir -p "$2/$newest"
    gzip -dc "$data/$1/$newest/service-2.json.gz" >"$2/$newest/service-2.json"
}
models=$HOME/.aws/models
copy_model sqs "$models/parcels"
copy_model s3 "$models/s3"
check "a service of ~/.aws/models is there" grep -q '^parcels .* folder$' \
    <<<"$("$AWL" models list)"
wanted=$(HOME=$work PYTHONPATH=${botocore%/botocore} python3 "$here/models.py" endpoint \
    parcels list_queues 2>/dev/null)
[ -n "$wanted" ] || echo "  botocore cannot tell its endpoint"
check "without endpoint rules its endpoint is botocore's" \
    says "$wanted" --region eu-west-1 -e "$url" parcels list_queues
check "a replaced service keeps its endpoint rules, paginators and waiters" \
    says "https://s3.eu-west-1.amazonaws.com/ Contents 4" --region eu-west-1 -e \
    'local s3 = awl.client "s3"
    local paginator = require "awl.core.client".paginator(s3, "list_objects_v2")
    io.write(s3:prepare("list_buckets").url, " ", paginator.result_keys[1], " ",
      #require "awl.core.waiter".names(s3), "\n")'
sed -i 's/"SendMessage"/"SendParcel"/g' "$models"/parcels/*/service-2.json
check "a model is what its file says" says "true" -e \
    'print(awl.client("parcels").send_parcel ~= nil)'
echo '{"operations": {"Broken": ' >"$models/s3/$(ls "$models/s3")/service-2.json"
check "a broken file is named" says "*/s3/*/service-2.json'*" -e 'awl.client "s3"'
check "it is nothing to others" says "ok" -e 'awl.client "sts" print "ok"'
check "nor to the list" says "*left out: *s3/*service-2.json'*" models list
rm "$models"/s3/*/service-2.json
echo '{"pagination": {}}' >"$models/s3/$(ls "$models/s3")/paginators-1.json"
check "files without a model are told of" \
    says "*warn models: '$models/s3/2006-03-01' is left out*"$'\n'"true" \
    -e 'print(awl.client("s3"):pages("list_objects_v2", { Bucket = "b" }) ~= nil)'
check "but not to those who use other services" says "ok" -e 'awl.client "sts" print "ok"'
rm -r "$models"
mkdir -p "$work/more"
copy_model sqs "$work/more/letters"
AWS_DATA_PATH=/nowhere:$work/more check "AWS_DATA_PATH is honoured" says "true" -e \
    'print(awl.client("letters").send_message ~= nil)'
AWS_DATA_PATH=$data check "older API versions come from there" says "*ec2 has no API version '1'; there are *2015-03-01*" \
    -e 'awl.client("ec2", { api_version = "1" })'
finish
