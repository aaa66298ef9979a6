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

# Two services, as a client that was made once is kept.
for name in own1 own2; do
    mkdir -p "$work/data/$name/2020-01-01"
    cat >"$work/data/$name/2020-01-01/service-2.json" <<'END'
{"metadata": {"protocol": "rest-json", "endpointPrefix": "own", "signatureVersion": "v4"},
 "operations": {"ListThings": {"name": "ListThings", "http": {"method": "GET", "requestUri": "/things"},
    "input": {"shape": "In"}, "output": {"shape": "Out"}, "errors": [{"shape": "Lost"}]}},
 "shapes": {
    "In": {"type": "structure", "members": {
        "a": {"shape": "Text", "location": "querystring", "locationName": "a"},
        "b": {"shape": "Text"}, "c": {"shape": "Text"}, "d": {"shape": "Text"},
        "e": {"shape": "Text"}}},
    "Out": {"type": "structure", "members": {"Things": {"shape": "Texts"}}},
    "Lost": {"type": "structure", "exception": true, "error": {"httpStatusCode": 404}, "members": {}},
    "Texts": {"type": "list", "member": {"shape": "Text"}},
    "Text": {"type": "string", "enum": ["x", "y"], "pattern": "[xy]"}}}
END
    cat >"$work/data/$name/2020-01-01/endpoint-rule-set-1.json" <<'END'
{"parameters": {"Region": {"type": "string", "builtIn": "AWS::Region", "required": true}},
 "rules": [{"type": "endpoint", "conditions": [],
    "endpoint": {"url": "https://own.{Region}.example.test", "properties": {}, "headers": {}}}]}
END
    cat >"$work/data/$name/2020-01-01/waiters-2.json" <<'END'
{"version": 2, "waiters": {"ThingsExist": {"operation": "ListThings", "delay": 1, "maxAttempts": 2,
    "acceptors": [{"matcher": "path", "argument": "Things[0]", "expected": "x", "state": "success"}]}}}
END
    cat >"$work/data/$name/2020-01-01/paginators-1.json" <<'END'
{"pagination": {"ListThings": {"input_token": "a", "output_token": "Things[-1]", "result_key": "Things"}}}
END
done
export AWS_DATA_PATH=$work/data AWS_REGION=eu-west-1

# run CALL AT: prints how many allocations there were.
run() {
    timeout 60 env LD_PRELOAD="$preload" NO_MEMORY_AT="$2" \
        "$AWL" run "$here/no_memory.lua" "$1" "http://127.0.0.1:$port" 2>"$work/err"
}

for call in upload download model; do
    total=$(run $call 1000000)
    died=
    for ((at = 1; at <= ${total:-0}; at++)); do
        run $call $at >/dev/null
        status=$?
        ((status < 124 || status == 255)) || died+=" $at" # 255: awl says so itself
    done
    check "a call ($call) that makes ${total:-0} allocations" [ "${total:-0}" -gt 10 ]
    check "survives each of them that fails${died:+, but not:$died}" [ -z "$died" ]
done
finish
