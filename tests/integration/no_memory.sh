#!/usr/bin/env bash
# Whatever allocation of a call fails, nothing but an error comes of it.
. "$(dirname "$0")/lib.sh"

[ -z "${AWL_SANITIZE:-}" ] || skip "a sanitized program does not like to be preloaded"
preload=${NO_MEMORY:?the library to preload}

cat >"$work/server.py" <<'END'
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    do_GET = do_PUT = answer
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
END
free_port
serve server "$port" python3 "$work/server.py" "$port" || die "no server"

# run CALL AT: prints how many allocations there were.
run() {
    timeout 60 env LD_PRELOAD="$preload" NO_MEMORY_AT="$2" \
        "$AWL" run "$here/no_memory.lua" "$1" "http://127.0.0.1:$port" 2>"$work/err"
}

for call in upload download; do
    total=$(run $call 1000000)
    died=
    for ((at = 1; at <= ${total:-0}; at++)); do
        run $call $at >/dev/null
        [ $? -lt 124 ] || died+=" $at"
    done
    check "a call ($call) that makes ${total:-0} allocations" [ "${total:-0}" -gt 10 ]
    check "survives each of them that fails${died:+, but not:$died}" [ -z "$died" ]
done
finish
