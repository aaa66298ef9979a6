# What the benchmarks share: the build, the server, a temporary folder. Source it.
# Sets AWL, RAW, WORK, PLAIN_URL and TLS_URL; everything ends with the shell.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bench=$root/tests/bench
build=${AWL_BUILD:-$root/build/bench}

# The keys are invented; nothing here reaches a real service.
unset "${!AWS_@}" AWL_OPTIONS AWL_MODELS http_proxy https_proxy all_proxy \
    HTTP_PROXY HTTPS_PROXY ALL_PROXY
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI \
    AWS_EC2_METADATA_DISABLED=true

if [ -z "${AWL_BUILD:-}" ]; then
    (cd "$root" && cmake --preset bench && cmake --build --preset bench) >&2 || exit 1
fi
AWL=$build/awl
RAW=$build/tests/bench/raw

WORK=$(mktemp -d) || exit 1
pids=()
bench_cleanup() {
    [ ! -f "$WORK/nginx.pid" ] || kill "$(cat "$WORK/nginx.pid")"
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
    rm -rf "$WORK"
}
trap bench_cleanup EXIT

# The client has one core, the server another, where there are two.
client_core=() server_core=()
if command -v taskset >/dev/null && [ "$(nproc)" -ge 2 ]; then
    client_core=(taskset -c 1) server_core=(taskset -c 0)
fi
on_client() {
    "${client_core[@]}" "$@"
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
        -keyout "$WORK/server.key" -out "$WORK/server.pem" 2>/dev/null
}

start_nginx() {
    command -v nginx >/dev/null || {
        echo "the benchmarks need nginx (apt install nginx-light)" >&2
        exit 1
    }
    local plain tls
    plain=$(free_port) tls=$(free_port)
    mkdir "$WORK/answers" "$WORK/plain" "$WORK/tls"
    "$AWL" "$bench/answers.lua" "$WORK/answers" || exit 1
    make_certificate || exit 1
    chmod -R a+rX "$WORK"
    sed -e "s|FOLDER|$WORK|g" -e "s|PLAIN_PORT|$plain|" -e "s|TLS_PORT|$tls|" \
        "$bench/nginx.conf" >"$WORK/nginx.conf"
    "${server_core[@]}" nginx -p "$WORK" -c "$WORK/nginx.conf" || exit 1
    PLAIN_URL=http://127.0.0.1:$plain
    TLS_URL=https://localhost:$tls
    export AWS_CA_BUNDLE=$WORK/server.pem
    local url
    for url in "$PLAIN_URL" "$TLS_URL"; do
        local folder=$WORK/plain
        [ "$url" = "$PLAIN_URL" ] || folder=$WORK/tls
        "$AWL" "$bench/prepare.lua" "$url" "$folder" || exit 1
    done
}

# url_of OP BASE: services that share a path are told apart by it.
url_of() {
    case $1 in
    sts | ec2 | getitem | batchget | sqs) echo "$2/$1" ;;
    *) echo "$2" ;;
    esac
}

# timed COMMAND...: one result line with the wall time from exec to exit.
timed() {
    python3 - "$@" <<'PYTHON'
import json, os, subprocess, sys, time
start = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(json.dumps({"n": 1, "wall_s": time.perf_counter() - start, "cpu_s": 0, "rss_kb": 0}))
sys.exit(status)
PYTHON
}

# ---- a server that answers after a while ----

start_slow_server() {
    local port
    mkfifo "$WORK/slow.stdin" 2>/dev/null
    exec 9<>"$WORK/slow.stdin"
    "${server_core[@]}" "$build/tests/bench/slow_server" 0 "$1" <"$WORK/slow.stdin" >"$WORK/slow.port" &
    slow_pid=$!
    pids+=("$slow_pid")
    until [ -s "$WORK/slow.port" ]; do sleep 0.05; done
    port=$(head -1 "$WORK/slow.port")
    slow_url=http://127.0.0.1:$port
    sed "s|$PLAIN_URL/sts|$slow_url|" "$WORK/plain/sts.request" >"$WORK/slow.request"
}

stop_slow_server() {
    kill "$slow_pid" 2>/dev/null
    wait "$slow_pid" 2>/dev/null
    exec 9>&-
    rm -f "$WORK/slow.port"
}

# ---- a server at a distance, and little CPU ----

start_relay() {
    "${server_core[@]}" "$build/tests/bench/relay" "${TLS_URL##*:}" "$1" >"$WORK/relay.port" &
    pids+=($!)
    until [ -s "$WORK/relay.port" ]; do sleep 0.05; done
    far_url=https://localhost:$(head -1 "$WORK/relay.port")
}

cgroup=
make_cgroup() {
    local base
    for base in /sys/fs/cgroup /sys/fs/cgroup/cpu "$WORK/cgroup"; do
        if [ "$base" = "$WORK/cgroup" ]; then
            mkdir -p "$base" && mount -t cgroup -o cpu none "$base" 2>/dev/null || continue
        fi
        mkdir "$base/awl-bench" 2>/dev/null || continue
        if [ -w "$base/awl-bench/cpu.max" ] || [ -w "$base/awl-bench/cpu.cfs_quota_us" ]; then
            cgroup=$base/awl-bench
            return 0
        fi
        rmdir "$base/awl-bench"
    done
    return 1
}

# Microseconds of each 100 ms.
set_quota() {
    local quota=$1
    [ "$quota" -lt 100000 ] || quota=100000
    if [ -w "$cgroup/cpu.max" ]; then
        echo "$quota 100000" >"$cgroup/cpu.max"
    else
        echo 100000 >"$cgroup/cpu.cfs_period_us"
        echo "$quota" >"$cgroup/cpu.cfs_quota_us"
    fi
}

in_cgroup() {
    (
        echo "$BASHPID" >"$cgroup/cgroup.procs"
        on_client "$@"
    )
}

drop_cgroup() {
    rmdir "$cgroup"
    ! mountpoint -q "$WORK/cgroup" || umount "$WORK/cgroup"
}
