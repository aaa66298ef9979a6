#!/usr/bin/env bash
# Every fault of a network and of a server, each in its turn and then many at once.
#
#   faults.sh CALLS      of the last part; one in ten attempts fails
. "$(dirname "$0")/lib.sh"

calls=${1:-5000}
command -v openssl >/dev/null || skip "there is no openssl"

# certificate NAME SUBJECT_NAME BEGIN END
certificate() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
        -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$1" 2>/dev/null &&
        openssl ca -batch -config "$work/ca.cnf" -notext -in "$work/$1.csr" \
            -out "$work/$1.crt" -startdate "$3" -enddate "$4" \
            -extfile <(echo "subjectAltName=$2") 2>"$work/ca.log" &&
        cat "$work/$1.crt" "$work/$1.key" >"$work/$1.pem"
}

cat >"$work/ca.cnf" <<END
[ca]
default_ca = here
[here]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
private_key = $work/ca.key
certificate = $work/ca.pem
[any]
commonName = supplied
END
: >"$work/index.txt"
year=$(date +%Y)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -keyout "$work/ca.key" -out "$work/ca.pem" -subj "/CN=awl test authority" 2>/dev/null &&
    certificate good IP:127.0.0.1 20200101000000Z $((year + 2))0101000000Z &&
    certificate other_name DNS:elsewhere.test 20200101000000Z $((year + 2))0101000000Z &&
    certificate expired IP:127.0.0.1 20200101000000Z 20210101000000Z ||
    die "no certificates: $(cat "$work/ca.log")"
# As OpenSSL wants them for client certificates too: the authority vouches for both.
cp "$work/good.crt" "$work/cert.pem"
cp "$work/good.key" "$work/key.pem"

mkfifo "$work/stdin"
python3 "$here/faults_server.py" "$work" <"$work/stdin" >"$work/ports" 2>"$work/server.log" &
servers+=($!)
exec 9>"$work/stdin"
for _ in $(seq 100); do
    ports=$(cat "$work/ports")
    [ -z "$ports" ] || break
    sleep 0.1
done
[ -n "$ports" ] || die "the server did not start: $(cat "$work/server.log")"

AWS_NEW_RETRIES_2026=true timeout 1500 "$AWL" run "$here/faults.lua" "$ports" "$work" \
    "$calls" 9>&- || die "$(tail -20 "$work/server.log")"
