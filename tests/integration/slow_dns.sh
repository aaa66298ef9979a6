#!/usr/bin/env bash
# Names that take long to look up, and whose addresses are forgotten in the middle of a
# burst: libcurl starts a thread for each transfer that waits for a name.
. "$(dirname "$0")/lib.sh"

[ -z "${AWL_SANITIZE:-}" ] || skip "a sanitized program does not like to be preloaded"
preload=${SLOW_DNS:?the library to preload}

cat >"$work/server.py" <<'END'
import http.server, sys
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.count = getattr(self, "count", 0) + 1
        self.close_connection = self.count == 20
        last = b"Connection: close\r\n" if self.close_connection else b""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + last + b"\r\n{}")
    def log_message(self, *_):
        pass
Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
END
free_port
serve server "$port" python3 "$work/server.py" "$port" || die "no server"

# run NAME MS FACTOR WHAT: its output, then the numbers of lookups and of those at a time.
run() {
    timeout 60 env SLOW_DNS_LOG="$work/log" SLOW_DNS_MS="$2" FAST_CLOCK="$3" \
        LD_PRELOAD="$preload" "$AWL" run "$here/slow_dns.lua" "$4" "http://$1.test:$port"
    status=$?
    read -r lookups most <"$work/log"
}

check "a burst of 200 waits for its name" [ "$(run a 500 1 burst)" = 200 ]
run a 500 1 burst >/dev/null
check "which is looked up once" [ "$lookups" -eq 1 ]
SECONDS=0
check "who is impatient gets a timeout, and nobody else waits" \
    [ "$(run b 20000 1 impatient)" = "ConnectTimeout	true	true" ]
check "nor does the program's end" [ "$SECONDS" -lt 18 ]
SECONDS=0
SLOW_DNS_FIRST_MS=0 run d 20000 600 once_more >"$work/out"
check "or when it is being looked up again ($SECONDS s)" [ "$SECONDS" -lt 18 ]
check "with what was printed, and its code" [ "$(cat "$work/out") $status" = "ended 7" ]
run c 200 60 steady >"$work/out"
check "calls go on while a name is looked up again" [ "$(cat "$work/out")" = "0	true	nil" ]
check "it is looked up again now and then ($lookups)" [ "$lookups" -ge 2 ]
check "by a few at most ($most)" [ "$most" -le 3 ]
finish
