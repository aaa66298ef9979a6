#!/usr/bin/env bash
# The command line of awl: options, exit codes, output, signals. $AWL is the program.
set -uo pipefail

AWL=${AWL:?the program to test}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset AWL_OPTIONS AWL_LOG "${!AWS_@}"

failures=0

# run COMMAND...: its exit code is in $status, what it wrote in $out and $err.
run() {
    "$@" >out.txt 2>err.txt </dev/null
    status=$?
    out=$(cat out.txt)
    err=$(cat err.txt)
}

fail() {
    echo "  $1"
    echo "    exit code $status"
    sed 's/^/    out: /' <<<"$out"
    sed 's/^/    err: /' <<<"$err"
    failed=yes
}

expect_status() { [[ $status == "$1" ]] || fail "expected exit code $1"; }
expect_out() { [[ $out == "$1" ]] || fail "expected the output '$1'"; }
expect_err() { [[ $err == *"$1"* ]] || fail "expected '$1' in the errors"; }
expect_no_err() { [[ -z $err ]] || fail "expected no errors"; }
expect_lines() { [[ $(wc -l <<<"$err") -le $1 ]] || fail "expected at most $1 lines of errors"; }

script() { cat >"$1"; }

# ---- what is run ----

a_script_gets_its_arguments() {
    script s.lua <<'LUA'
print(arg[0], #arg, arg[1], arg[2], ...)
LUA
    run "$AWL" s.lua a --region
    expect_status 0
    expect_out $'s.lua\t2\ta\t--region\ta\t--region'
    run "$AWL" run s.lua x
    expect_out $'s.lua\t1\tx\tnil\tx'
}

code_is_run_with_awl_as_a_global() {
    run "$AWL" -e 'print(awl.json.encode({ ... }))' a b
    expect_status 0
    expect_out '["a","b"]'
}

an_expression_is_told_how_to_be_seen() {
    run "$AWL" -e '1 + 1'
    expect_status 2
    expect_err "near '1'; CODE is an expression: print(...) or awl.emit(...) shows its value"
    run "$AWL" -e '1 +'
    expect_status 2
    [[ $err != *expression* ]] || fail "it is no expression"
}

a_script_comes_from_standard_input() {
    out=$(echo 'print("in", ...)' | "$AWL" - x 2>err.txt)
    status=$?
    err=$(cat err.txt)
    expect_status 0
    expect_out $'in\tx'
}

a_script_is_found_by_its_first_line() {
    ln -sf "$AWL" awl
    script s.lua <<'LUA'
#!/usr/bin/env awl
print("shebang", ...)
LUA
    chmod +x s.lua
    PATH=$work:$PATH run ./s.lua a
    expect_status 0
    expect_out $'shebang\ta'
}

a_module_beside_the_script_is_found() {
    mkdir -p folder
    echo 'return "beside"' >folder/helper.lua
    echo 'print((require "helper"))' >folder/s.lua
    run "$AWL" folder/s.lua
    expect_out beside
}

a_file_may_have_the_name_of_a_command() {
    echo 'print "mine"' >help
    run "$AWL" run help
    expect_out mine
    run "$AWL" ./help
    expect_out mine
    run "$AWL" help
    [[ $out == Usage:* ]] || fail "expected the command"
}

an_empty_program_starts_and_ends_quietly() {
    run "$AWL" -e ''
    expect_status 0
    expect_out ''
    expect_no_err
}

libraries_are_there_without_being_installed() {
    run env -i "$AWL" -e 'package.path = "" package.cpath = ""
        require "argparse" require "luassert" print(require "cjson".encode { 1 })'
    expect_status 0
    expect_out '[1]'
}

# ---- options ----

options_come_from_the_environment_too() {
    run env AWL_OPTIONS="--region 'a b' --profile=env" "$AWL" --profile line \
        -e 'local s = require "awl.core.settings" print(s.region, s.profile)'
    expect_out $'a b\tline'
    run env AWL_OPTIONS='--nonsense' "$AWL" -e ''
    expect_status 252
    expect_err "AWL_OPTIONS: unknown option '--nonsense'"
}

a_script_takes_the_options_of_awl() {
    script s.lua <<'LUA'
local awl = require "awl"
local parser = awl.args("sweep", "Sweeps.")
parser:option("--count", "how many", "1"):convert(tonumber)
local args = parser:parse()
local settings = require "awl.core.settings"
print(args.count, settings.profile, settings.debug, next(args, next(args)))
LUA
    run "$AWL" s.lua --profile=prod --debug --count 3
    expect_status 0
    expect_out $'3\tprod\ttrue\tnil'
    run "$AWL" s.lua --help
    expect_status 0
    [[ $out == *Sweeps.*--profile* ]] || fail "expected help"
    expect_no_err
    run "$AWL" s.lua --cout 3
    expect_status 252
    expect_err "unknown option '--cout'"
    run "$AWL" s.lua --max-attempts many
    expect_status 252
    expect_err "takes a whole number, not 'many'"
}

a_converter_that_raises_tells_of_wrong_use() {
    script s.lua <<'LUA'
local awl = require "awl"
local parser = awl.args("sweep", "Sweeps.")
parser:option("--count"):convert(tonumber)
parser:command("old"):option("--since"):convert(awl.time.ago)
parser:option("--broken"):convert(function() error "a mistake" end)
print(parser:parse().count)
LUA
    run "$AWL" s.lua --count 3 old --since 2h
    expect_status 0
    expect_out 3
    run "$AWL" s.lua old --since yesterday
    expect_status 252
    expect_err "--since: 'yesterday' is not a duration such as 90s"
    [[ $err != *traceback* ]] || fail "no traceback was expected"
    run "$AWL" s.lua --count many old
    expect_status 252
    expect_err "--count: malformed argument 'many'"
    run "$AWL" s.lua --broken x old
    expect_status 2
    expect_err $'s.lua:5: a mistake\nstack traceback:'
}

a_wrong_option_names_the_right_one() {
    run "$AWL" --regoin x -e ''
    expect_status 252
    expect_err "unknown option '--regoin', did you mean '--region'?"
    expect_lines 1
    run "$AWL" --log loud -e ''
    expect_status 252
    run "$AWL" --profile
    expect_status 252
    run "$AWL" -e
    expect_status 252
}

# ---- exit codes ----

the_script_chooses_its_exit_code() {
    run "$AWL" -e 'os.exit(7)'
    expect_status 7
    expect_no_err
    run "$AWL" -e 'awl.spawn(function() awl.sleep(60) end) os.exit(false)'
    expect_status 1
    expect_no_err
}

a_traceback_has_the_lines_of_scripts() {
    mkdir -p in/awl
    script in/awl/s.lua <<'LUA'
local awl = require "awl"
local function deep(n) if n > 0 then deep(n - 1) else awl.http.get "http://127.0.0.1:1" end return n end
table.sort({ 1, 2 }, function() deep(35) end)
LUA
    (cd in && "$AWL" awl/s.lua >../out.txt 2>../err.txt </dev/null)
    status=$? out=$(cat out.txt) err=$(cat err.txt)
    expect_status 2
    expect_err "awl: awl/s.lua:2: cannot wait inside 'table.sort'"
    expect_err $'stack traceback:\n\tawl/s.lua:2: in '
    expect_err $'\n\t...\t(skipping '
    expect_err $'\n\t[C]: in function \'table.sort\'\n\tawl/s.lua:3: in main chunk'
    [[ $err != *awl/http.lua* ]] || fail "awl's own lines are there"
    run "$AWL" -e 'local function deep(n) if n > 0 then deep(n - 1) else error "x" end return n end
awl.scope(function() deep(40) end)'
    expect_err $'(skipping '
    expect_err $"in local 'fn'"$'\n\t(command line):2: in main chunk\n\t[C]: in ?'
    run "$AWL" -e 'return awl.client()'
    expect_err $'the service must be a string, got nil\nstack traceback:\n\t[C]: in ?'
    run "$AWL" -e 'awl.session { credentials = 5 }'
    expect_err $'InvalidCredentials: credentials must be a table'
    expect_err $'stack traceback:\n\t(command line):1: in main chunk'
    run "$AWL" --debug -e 'awl.session { credentials = 5 }'
    expect_err $'\n\tawl/session.lua:'
}

an_error_without_words_is_told_too() {
    run "$AWL" -e 'error { code = 7, tags = { "a" } }'
    expect_status 2
    expect_err 'awl: { code = 7, tags = { "a" } }'
    run "$AWL" -e 'awl.spawn(error)'
    expect_status 2
    expect_err 'awl: an error without a message'
}

the_end_waits_for_no_thread() {
    mkfifo nobody_writes
    run timeout 20 "$AWL" -e 'awl.spawn(awl.fs.open, "nobody_writes") awl.sleep(0.01)
        io.write("unflushed") os.exit(7)'
    expect_status 7
    expect_out unflushed
}

an_uncaught_error_is_2() {
    run "$AWL" -e 'error("boom")'
    expect_status 2
    expect_err 'awl: (command line):1: boom'
    expect_err 'stack traceback'
    run "$AWL" -e 'awl.json.decode("[")'
    expect_status 2
    expect_err 'invalid JSON at byte 2'
    run "$AWL" -e 'awl.spawn(error, "in a task")'
    expect_status 2
    expect_err 'in a task'
}

a_guard_is_3() {
    run "$AWL" -e 'error(require "awl.core.error".new { kind = "guard", message = "no" })'
    expect_status 3
}

a_syntax_error_is_2_in_one_line() {
    echo 'x = = 1' >s.lua
    run "$AWL" s.lua
    expect_status 2
    expect_err "awl: s.lua:1: unexpected symbol near '='"
    expect_lines 1
}

no_such_script_is_252() {
    run "$AWL" missing.lua
    expect_status 252
    expect_err "there is no script 'missing.lua'"
    expect_lines 1
    run "$AWL" hlep
    expect_status 252
    expect_err "did you mean the command 'help'?"
    run "$AWL" "$work"
    expect_status 252
    run "$AWL"
    expect_status 252
}

bytecode_is_not_taken_for_a_script() {
    printf '\x1bLua garbage' >s.lua
    run "$AWL" s.lua
    [[ $status == 2 || $status == 252 ]] || fail "expected a refusal"
    expect_lines 1
}

cron_gives_no_environment() {
    run env -i PATH=/usr/bin:/bin "$AWL" -e 'print(awl.json.encode { ok = true })'
    expect_status 0
    expect_out '{"ok":true}'
    run env -i "$AWL" -e 'error("one", 0)'
    expect_status 2
    expect_err 'awl: one'
}

# ---- output ----

a_full_disk_is_told() {
    "$AWL" -e 'print(1)' >/dev/full 2>err.txt
    status=$? out='' err=$(cat err.txt)
    expect_status 2
    expect_err 'standard output'
    "$AWL" -e 'awl.emit { a = 1 }' >/dev/full 2>err.txt
    status=$? err=$(cat err.txt)
    expect_status 2
    expect_err 'No space left'
    "$AWL" help >/dev/full 2>err.txt
    status=$? err=$(cat err.txt)
    expect_status 255
}

a_closed_output_is_told() {
    "$AWL" -e 'print(1)' >&- 2>err.txt
    status=$? out='' err=$(cat err.txt)
    expect_status 2
    expect_err 'standard output'
}

a_reader_that_leaves_ends_the_program_quietly() {
    { "$AWL" -e 'while true do print("y") end' 2>err.txt; echo $? >status.txt; } | head -n 1 >out.txt
    status=$(cat status.txt) out=$(cat out.txt) err=$(cat err.txt)
    expect_status 141
    expect_out y
    expect_no_err
    { "$AWL" -e 'while true do awl.emit { a = 1 } awl.sleep(0) end' 2>err.txt
      echo $? >status.txt; } | head -n 1 >out.txt
    status=$(cat status.txt) out=$(cat out.txt) err=$(cat err.txt)
    expect_status 141
    expect_no_err
    { "$AWL" -e 'while true do pcall(print, "y") end' 2>err.txt
      echo $? >status.txt; } | head -n 1 >out.txt
    status=$(cat status.txt)
    expect_status 141
}

a_reader_that_has_left_before_the_last_write_too() {
    mkfifo output left
    { : <output; echo gone >left; } &
    "$AWL" -e 'io.lines "left" () io.write(1)' >output 2>err.txt
    status=$? err=$(cat err.txt)
    wait
    expect_status 141
    expect_no_err
}

cleanups_run_when_the_reader_leaves() {
    script s.lua <<'LUA'
local awl = require "awl"
local cleanup <close> = setmetatable({}, { __close = function()
  awl.shield(5, function() awl.sleep(0.01) end)
  io.stderr:write("cleaned up\n")
end })
while true do print("y") awl.sleep(0) end
LUA
    { "$AWL" s.lua 2>err.txt; echo $? >status.txt; } | head -n 1 >out.txt
    status=$(cat status.txt) out=$(cat out.txt) err=$(cat err.txt)
    expect_status 141
    expect_err 'cleaned up'
}

# ---- signals ----

# start COMMAND...: in the background, with default signals; waits for its first line.
start() {
    rm -f fifo && mkfifo fifo
    env --default-signal=INT,TERM,HUP "$@" >fifo 2>err.txt </dev/null &
    pid=$!
    exec 3<fifo
    read -r line <&3
}

finish() {
    wait "$pid" 2>/dev/null
    status=$?
    exec 3<&-
    out='' err=$(cat err.txt)
}

waiting_script() {
    script s.lua <<'LUA'
local awl = require "awl"
for _ = 1, 3 do
  awl.spawn(function()
    local cleanup <close> = setmetatable({}, { __close = function()
      awl.shield(5, function() awl.sleep(0.01) end)
      io.stderr:write("cleaned up\n")
    end })
    awl.sleep(60)
  end)
end
awl.spawn(function() print("ready") io.stdout:flush() end)
awl.sleep(60)
LUA
}

an_interrupt_cancels_and_tells_where_tasks_waited() {
    waiting_script
    start "$AWL" s.lua
    kill -INT "$pid"
    finish
    expect_status 130
    expect_err 'interrupted'
    expect_err 's.lua:8  sleep  3 tasks'
    [[ $(grep -c 'cleaned up' err.txt) == 3 ]] || fail "expected three cleanups"
}

a_term_and_a_hangup_do_too() {
    waiting_script
    start "$AWL" s.lua
    kill -TERM "$pid"
    finish
    expect_status 143
    expect_err 'terminated'
    start "$AWL" s.lua
    kill -HUP "$pid"
    finish
    expect_status 129
}

a_script_that_computes_is_interrupted() {
    start "$AWL" -e 'print("ready") io.stdout:flush() while true do end'
    kill -INT "$pid"
    finish
    expect_status 130
}

the_second_signal_ends_at_once() {
    script s.lua <<'LUA'
local awl = require "awl"
local slow <close> = setmetatable({}, { __close = function()
  print("closing") io.stdout:flush()
  awl.shield(60, function() awl.sleep(60) end)
end })
print("ready") io.stdout:flush()
awl.sleep(60)
LUA
    start "$AWL" s.lua
    kill -TERM "$pid"
    read -r line <&3
    [[ $line == closing ]] || fail "expected the cleanup to begin"
    kill -TERM "$pid"
    finish
    expect_status 143
}

an_ignored_signal_stays_ignored() {
    rm -f fifo && mkfifo fifo
    (trap '' HUP; exec "$AWL" -e 'print("ready") io.stdout:flush() awl.sleep(0.3) print("done")') \
        >fifo 2>err.txt &
    pid=$!
    exec 3<fifo
    read -r line <&3
    kill -HUP "$pid"
    read -r line <&3
    finish
    expect_status 0
    [[ $line == done ]] || fail "expected it to go on"
}

# ---- the emulator's side of the command line ----

the_emulator_answers_and_ends_with_the_program() {
    "$AWL" help | grep -q '^  local' || return 0
    run "$AWL" --local -e 'print(awl.client("sts"):get_caller_identity({}).Account)'
    expect_status 0
    expect_out 000000000000
    start "$AWL" --local -e 'print("ready") io.stdout:flush() awl.sleep(60)'
    children=$(pgrep -P "$pid")
    [[ -n $children ]] || fail "expected a child process"
    kill -KILL "$pid"
    finish
    for _ in $(seq 100); do
        kill -0 $children 2>/dev/null || return 0
        sleep 0.05
    done
    fail "expected the emulator to end"
}

a_crash_leaves_no_memory_behind() {
    message=$( (ulimit -c unlimited; "$AWL" -e 'io.popen("kill -ABRT $PPID"):close()'; true) 2>&1)
    status=$? out=$message err=''
    [[ $message == *Aborted* ]] || fail "expected a crash"
    [[ $message != *"core dumped"* ]] || fail "expected no core dump"
}

# ---- the interpreter ----

# repl TEXT: as `run`, of what is typed there.
repl() {
    "$AWL" repl >out.txt 2>err.txt <<<"$1"
    status=$? out=$(cat out.txt) err=$(cat err.txt)
}

the_interpreter_shows_what_is_in_a_table() {
    repl $'{ a = { 1 } }, "text"\nfor i = 1, 2 do\nprint(i)\nend'
    expect_status 0
    expect_out $'> { a = { 1 } }\ttext\n> >> >> 1\n2\n> '
    expect_no_err
}

the_interpreter_goes_on_after_an_error() {
    repl $'x y\nerror { 1 }\nprint "more"'
    expect_status 0
    [[ $out == *more* ]] || fail "expected it to go on"
    expect_err $'repl:1: syntax error near \'y\'\n{ 1 }\nstack traceback:'
    [[ $err != *awl/cli/repl.lua* ]] || fail "awl's own lines are there"
}

# ---- tests in Lua ----

failing_tests_are_told_by_file_and_line() {
    mkdir -p suite
    script suite/good_test.lua <<'LUA'
it("passes", function() assert.are.equal(1, 1) end)
LUA
    script suite/bad_test.lua <<'LUA'
describe("a block", function()
  it("fails", function()
    assert.are.equal(1, 2)
  end)
  pending("comes later")
end)
LUA
    run "$AWL" test suite
    expect_status 1
    [[ $out == *"FAILED suite/bad_test.lua:3: a block fails"* ]] || fail "expected the place"
    [[ $out == *"1 passed, 1 failed, 1 skipped" ]] || fail "expected a summary"
    run "$AWL" test suite/good_test.lua
    expect_status 0
    expect_out '1 passed, 0 failed'
    run "$AWL" test missing
    expect_status 252
}

no_test_at_all_is_no_success() {
    mkdir -p none
    script one_test.lua <<'LUA'
it("passes", function() end)
LUA
    run "$AWL" test none
    expect_status 252
    expect_err 'there is no test (folders are searched for *_test.lua)'
    run "$AWL" test --filter nothing one_test.lua
    expect_status 252
    expect_err 'there is no test of such a name'
}

a_test_that_leaves_something_behind_fails() {
    script leak_test.lua <<'LUA'
it("forgets a task", function() require "awl".spawn(require "awl".sleep, 0.2) end)
LUA
    run "$AWL" test leak_test.lua
    expect_status 1
    [[ $out == *"1 task(s) of the test still live"* ]] || fail "expected the leak"
    script crash_test.lua <<'LUA'
it("kills the process", function() io.popen("kill -KILL $PPID"):close() end)
LUA
    run "$AWL" test leak_test.lua crash_test.lua
    expect_status 1
    [[ $out == *"crash_test.lua:1: the file's process ended early, with signal 9"* ]] ||
        fail "expected the crash"
}

for name in $(declare -F | awk '{ print $3 }'); do
    case $name in
    run | repl | fail | expect_* | script | start | finish | waiting_script) continue ;;
    esac
    failed=no status=none out='' err=''
    "$name"
    if [[ $failed == yes ]]; then
        echo "FAILED: ${name//_/ }"
        failures=$((failures + 1))
    else
        echo "passed: ${name//_/ }"
    fi
done
exit $((failures > 0))
