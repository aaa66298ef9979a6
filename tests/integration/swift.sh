#!/usr/bin/env bash
# S3 against OpenStack Swift, whose s3api checks every signature itself. Debian's
# packages: swift-proxy swift-account swift-container swift-object memcached.
. "$(dirname "$0")/lib.sh"

for program in swift-{ring-builder,proxy-server,account-server,container-server,object-server} \
    memcached; do
    command -v "$program" >/dev/null || skip "$program is not installed"
done
# The salt of its hashes is all that Swift takes from this file, and wants to find there.
grep -qs '^swift_hash_path_.*=.' /etc/swift/swift.conf ||
    skip "/etc/swift/swift.conf has no swift_hash_path_suffix"

user=$(id -un)
mkdir -p "$work/dev/d1"

# A storage server of one kind with a ring of its own. start_storage KIND
start_storage() {
    local kind=$1 try
    for try in 1 2 3; do
        free_port
        (
            cd "$work" && rm -f "$kind.builder" "$kind.ring.gz"
            swift-ring-builder "$kind.builder" create 6 1 0 &&
                swift-ring-builder "$kind.builder" add --region 1 --zone 1 \
                    --ip 127.0.0.1 --port "$port" --device d1 --weight 1 &&
                swift-ring-builder "$kind.builder" rebalance
        ) >"$work/ring.log" 2>&1
        cat >"$work/$kind.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
user = $user
swift_dir = $work
devices = $work/dev
mount_check = false
workers = 0
fallocate_reserve = 0
disable_fallocate = true
[pipeline:main]
pipeline = $kind-server
[app:$kind-server]
use = egg:swift#$kind
CONF
        serve "$kind" "$port" "swift-$kind-server" "$work/$kind.conf" && return 0
    done
    cat "$work/ring.log"
    return 1
}

start_memcached() {
    local try
    for try in 1 2 3; do
        free_port
        memcached_port=$port
        serve memcached "$port" memcached -u "$user" -l 127.0.0.1 -p "$port" -m 64 && return 0
    done
    return 1
}

start_proxy() {
    local try
    for try in 1 2 3; do
        free_port
        cat >"$work/proxy.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
user = $user
swift_dir = $work
workers = 0
[pipeline:main]
pipeline = catch_errors cache s3api tempauth bulk slo dlo copy proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$memcached_port
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
check_bucket_owner = false
min_segment_size = 5242880
allow_multipart_uploads = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:copy]
use = egg:swift#copy
CONF
        serve proxy "$port" swift-proxy-server "$work/proxy.conf" && return 0
    done
    return 1
}

start_memcached || die "memcached did not start"
for kind in object container account; do
    start_storage $kind || die "Swift's $kind server did not start"
done
start_proxy || die "Swift's proxy did not start"

export AWS_ENDPOINT_URL=http://127.0.0.1:$port
export AWS_ACCESS_KEY_ID=test:tester AWS_SECRET_ACCESS_KEY=testing
export AWL_SANITIZE=${AWL_SANITIZE:-}

check "S3 with checked signatures" "$AWL" "$here/swift.lua"
finish
