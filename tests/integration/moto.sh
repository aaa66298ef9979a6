#!/usr/bin/env bash
# Calls of many services, and the scripts of scripts/, against moto, where it is
# installed (python3 -m pip install 'moto[server]').
. "$(dirname "$0")/lib.sh"

export AWL_SANITIZE=${AWL_SANITIZE:-}
command -v moto_server >/dev/null || skip "moto_server is not installed"
HOME=$user_home moto_server --help >/dev/null 2>&1 || skip "moto_server does not run"

start_moto() {
    local try
    for try in 1 2 3; do
        free_port
        serve moto "$port" moto_server -H 127.0.0.1 -p "$port" && return 0
    done
    return 1
}
start_moto || die "moto_server did not start"
export AWS_ENDPOINT_URL=http://127.0.0.1:$port

lists_buckets() {
    "$AWL" "$root/scripts/list_buckets.lua" --help >/dev/null &&
        "$AWL" "$root/scripts/list_buckets.lua" >"$work/out" 2>"$work/err" ||
        { cat "$work/out" "$work/err"; return 1; }
    grep -qi 'serial' "$work/out" "$work/err" && grep -qi 'gather' "$work/out" "$work/err"
}

# Three objects, one of them public: the audit prints each and names the public one.
audits_a_bucket() {
    "$AWL" -e '
        local s3 = awl.client "s3"
        s3:create_bucket { Bucket = "audited" }
        for _, key in ipairs { "in/a", "in/b c", "in/ü", "out/d" } do
            s3:put_object { Bucket = "audited", Key = key, Body = "x",
                ACL = key == "in/b c" and "public-read" or nil }
        end' || return 1
    "$AWL" "$root/scripts/acl_audit.lua" --bucket audited --prefix in/ \
        >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    "$AWL" -e '
        local lines, public = 0, {}
        for line in io.lines(...) do
            local object = awl.json.decode(line)
            lines = lines + 1
            assert(object.key or object.Key, "a line names its object")
        end
        assert(lines == 3, lines .. " lines instead of 3")' "$work/out" || return 1
    grep -q 'in/b c' "$work/err" && ! grep -q 'in/a' "$work/err" ||
        { cat "$work/err"; return 1; }
}

# moto without Docker answers Invoke by echoing its payload, which says nothing of
# success: every configuration fails, is reported, and the script says so by 1.
reports_failed_system_tests() {
    "$AWL" -e '
        local iam, lambda = awl.client "iam", awl.client "lambda"
        local role = iam:create_role { RoleName = "lambda", Path = "/",
            AssumeRolePolicyDocument = "{}" }.Role.Arn
        lambda:create_function { FunctionName = "system-test", Runtime = "python3.12",
            Role = role, Handler = "a.b", Code = { ZipFile = awl.base64.decode(
            "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==") } }' || return 1
    "$AWL" "$root/scripts/system_test.lua" --function system-test --count 3 \
        >"$work/out" 2>"$work/err"
    local status=$?
    grep -q 'of 3 passed the test' "$work/out" || { cat "$work/out" "$work/err"; return 1; }
    [ $status -eq 1 ] || [ $status -eq 0 ]
}

check "calls of many services" "$AWL" "$here/moto.lua"
check "keys that are hostile to URLs" "$AWL" "$here/hostile_keys.lua"
check "list_buckets.lua compares serial and gathered calls" lists_buckets
check "acl_audit.lua finds the public object" audits_a_bucket
if MOTO_LAMBDA=$("$AWL" -e 'print(pcall(function()
        awl.client("lambda"):list_functions() end))' 2>&1); [[ $MOTO_LAMBDA == true* ]]; then
    check "system_test.lua reports each configuration" reports_failed_system_tests
else
    echo "skip system_test.lua: this moto has no Lambda"
fi
finish
