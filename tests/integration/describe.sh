#!/usr/bin/env bash
# awl describe: every service and operation has a page, the data are botocore's, and the
# terminal gets what fits it. With --all the data of all services.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
export XDG_DATA_HOME=$work/data

# expect_status CODE COMMAND...: its output is in out.txt and err.txt.
expect_status() {
    local wanted=$1
    shift
    "$@" >out.txt 2>err.txt </dev/null
    [ $? -eq "$wanted" ]
}

wrong_names_are_a_usage_error() {
    expect_status 252 "$AWL" describe dinamodb &&
        grep -q "did you mean 'dynamodb'" err.txt && [ ! -s out.txt ] &&
        expect_status 252 "$AWL" describe dynamodb put_itm &&
        grep -q "did you mean 'put_item'" err.txt && [ ! -s out.txt ] &&
        expect_status 252 "$AWL" describe s3 --search nothingofthekind &&
        expect_status 252 "$AWL" describe s3 get_object --depth 0 &&
        expect_status 252 "$AWL" describe s3 get_object --output yaml
}

no_credentials_and_no_region_are_needed() {
    expect_status 0 env -i "$AWL" describe lambda invoke &&
        grep -q 'lambda:invoke { FunctionName = string, ... }' out.txt && [ ! -s err.txt ]
}

without_a_service_it_says_what_to_do() {
    expect_status 0 "$AWL" describe &&
        grep -q 'awl describe SERVICE OPERATION' out.txt && grep -qw dynamodb out.txt
}

a_word_is_found_in_all_services() {
    expect_status 0 "$AWL" describe --search get-caller-identity &&
        [ "$(cat out.txt)" = 'sts get_caller_identity' ]
}

a_file_gets_no_escapes_and_80_columns() {
    expect_status 0 env COLUMNS=200 "$AWL" describe s3 put_object &&
        ! grep -q $'\e' out.txt && ! grep -q '.\{81\}' out.txt
}

# on_terminal COLUMNS COMMAND...: what a terminal of that width gets, in out.txt.
on_terminal() {
    python3 - "$@" >out.txt <<'PYTHON'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
data = b""
try:
    while piece := os.read(fd, 65536):
        data += piece
except OSError:
    pass
os.waitpid(pid, 0)
sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
PYTHON
}

a_terminal_gets_what_fits_it() {
    on_terminal 60 "$AWL" describe s3 put_object
    grep -q $'\e\\[1mInput' out.txt || return 1
    ! grep -q '.\{69\}' out.txt || return 1 # 60 and the escapes of a heading
    on_terminal 200 "$AWL" describe s3 put_object
    ! grep -q '.\{109\}' out.txt || return 1
    on_terminal 80 env NO_COLOR=1 "$AWL" describe s3 put_object
    ! grep -q $'\e' out.txt && grep -q '^Input' out.txt
}

# Of a service as botocore has it, `awl models update` takes the texts too.
documentation_comes_with_an_update() {
    local data
    data=$(python3 -c 'import botocore, os
print(os.path.join(os.path.dirname(botocore.__file__), "data"))')
    mkdir -p update data && cp -r "$data/sts" "$data"/*.json update/ || return 1
    "$AWL" describe sts get_caller_identity | grep -q 'No documentation here' || return 1
    "$AWL" models update update 2>err.txt || return 1
    "$AWL" describe sts get-caller-identity >out.txt
    grep -q '^  Returns details about the IAM user or role' out.txt &&
        ! grep -q 'No documentation here' out.txt && ! grep -q '<p>\|.\{81\}' out.txt &&
        ! "$AWL" describe sts get-caller-identity --brief | grep -q 'Returns details' &&
        "$AWL" describe sts --search 'details about the IAM user' >out.txt &&
        grep -q 'get_caller_identity (text)' out.txt &&
        "$AWL" describe sts GetCallerIdentity --output json | python3 -c 'import json, sys
texts = json.load(sys.stdin)
assert texts["operation"]["documentation"].startswith("Returns details")
members = texts["shapes"]["GetCallerIdentityResponse"]["members"]
assert all(member["documentation"] for member in members), members'
}

every_page_can_be_written() { "$AWL" "$here/describe.lua"; }

check "wrong names are a usage error" wrong_names_are_a_usage_error
check "no credentials and no region are needed" no_credentials_and_no_region_are_needed
check "without a service it says what to do" without_a_service_it_says_what_to_do
check "a word is found in all services" a_word_is_found_in_all_services
check "a file gets no escapes and 80 columns" a_file_gets_no_escapes_and_80_columns
check "every page can be written" every_page_can_be_written
if command -v python3 >/dev/null; then
    check "a terminal gets what fits it" a_terminal_gets_what_fits_it
fi
if python3 -c 'import botocore' 2>/dev/null; then
    data_are_those_of_botocore() {
        python3 "$here/describe.py" "$AWL" "$@"
        local status=$?
        [ $status -eq 0 ] || [ $status -eq 77 ]
    }
    check "the data are those of botocore" data_are_those_of_botocore "$@"
    check "documentation comes with an update" documentation_comes_with_an_update
fi
finish
