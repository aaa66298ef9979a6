#!/usr/bin/env bash
# Two-way event streams over HTTP/2, with a server made of Node's http2 module.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || skip "there is no openssl"
node=$(command -v node) || skip "there is no node"
"$node" -e 'require("http2")' 2>/dev/null || skip "node has no http2 module"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -keyout "$work/key.pem" -out "$work/cert.pem" -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null || die "no certificate"

: >"$work/server.log"
"$node" "$here/http2_server.js" "$work/key.pem" "$work/cert.pem" >"$work/server.log" 2>&1 &
servers+=($!)
for _ in $(seq 100); do
    port=$(head -n 1 "$work/server.log")
    [ -z "$port" ] || break
    sleep 0.1
done
[ -n "$port" ] || die "the server did not start"

timeout 100 "$AWL" run "$here/http2.lua" "$port" "$work/cert.pem" >"$work/out" 2>&1 ||
    die "$(cat "$work/out" "$work/server.log")"
printf '%s\n' "in turns" "much at once" "a late head" "an exception" "closed early" many |
    diff - "$work/out" || die "not all was done"

# What the server saw.
for _ in $(seq 50); do
    [ "$(grep -c '^many' "$work/server.log")" -lt 12 ] || break
    sleep 0.1
done
grep -qx "turns 20 whole" "$work/server.log" &&
    grep -qx "much 8000 whole" "$work/server.log" &&
    grep -qx "late 2 whole" "$work/server.log" &&
    grep -q "^fail .* cut off$" "$work/server.log" &&
    grep -qx "quiet1 [01] cut off" "$work/server.log" &&
    [ "$(grep -c '^many.* 5 whole$' "$work/server.log")" -eq 12 ] ||
    die "the server saw something else: $(cat "$work/server.log")"
