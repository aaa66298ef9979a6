#!/usr/bin/env bash
# Presigned URLs and POST forms are those of botocore, and moto takes an upload by such a
# form.
. "$(dirname "$0")/lib.sh"

# Version managers of Python look into the user's own folder.
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWL
python() {
    HOME=$user_home python3 "$@"
}
command -v python3 >/dev/null || skip "there is no python3"
python -c 'import botocore' 2>/dev/null || skip "botocore is not installed"

uploads_to_moto() {
    local try
    for try in 1 2 3; do
        free_port
        serve moto "$port" moto_server -H 127.0.0.1 -p "$port" && break
    done
    AWS_ENDPOINT_URL=http://127.0.0.1:$port python "$here/presign.py" upload
}

check "URLs and forms are botocore's" python "$here/presign.py"
if command -v moto_server >/dev/null && HOME=$user_home moto_server --help >/dev/null 2>&1 &&
    python -c 'import requests' 2>/dev/null; then
    check "moto takes an upload by a form" uploads_to_moto
else
    echo "skip the upload: moto_server or requests is not installed"
fi
finish
