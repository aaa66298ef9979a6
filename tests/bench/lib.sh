# What the benchmarks share: the build, the server, a temporary folder. Source it.
# Sets AWL, RAW, WORK, PLAIN_URL and TLS_URL; everything ends with the shell.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bench=$root/tests/bench
build=${AWL_BUILD:-$root/build/release}

# The keys are invented; nothing here reaches a real service.
unset "${!AWS_@}" AWL_OPTIONS AWL_MODELS http_proxy https_proxy all_proxy \
    HTTP_PROXY HTTPS_PROXY ALL_PROXY
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI \
    AWS_EC2_METADATA_DISABLED=true

if [ -z "${AWL_BUILD:-}" ]; then
    (cd "$root" && cmake --preset release && cmake --build --preset release) >&2 || exit 1
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
on_client() { "$@"; }
on_server() { "$@"; }
if command -v taskset >/dev/null && [ "$(nproc)" -ge 2 ]; then
    on_client() { taskset -c 1 "$@"; }
    on_server() { taskset -c 0 "$@"; }
fi

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
    on_server nginx -p "$WORK" -c "$WORK/nginx.conf" || exit 1
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
