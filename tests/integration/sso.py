"""Logins that awl and botocore share: what one writes the other takes.

sso.py AWL: a server stands for SSO, SSO-OIDC and signin and counts what it is asked.
"""
import base64
import hashlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import botocore.credentials
import botocore.session
import botocore.tokens
import botocore.utils

AWL = sys.argv[1]
LOGIN = "arn:aws:sts::123456789012:assumed-role/Admin/me"
seen = []


class Server(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen.append((self.path, self.headers, body))
        if self.path.startswith("/federation/credentials"):
            answer = {"roleCredentials": {
                "accessKeyId": "ASIASSO", "secretAccessKey": "s", "sessionToken": "t",
                "expiration": int(time.time() + 3600) * 1000}}
        elif self.path == "/v1/token":
            answer = {"accessToken": {"accessKeyId": "ASIALOGIN", "secretAccessKey": "s",
                                      "sessionToken": "t"},
                      "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "next"}
        else:
            answer = {"accessToken": "new", "expiresIn": 28800, "refreshToken": "next"}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def log_message(self, *args):
        pass


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def write(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(value if isinstance(value, str) else json.dumps(value))


def key_of(profile):
    """The key id with which awl signs."""
    code = """local h = awl.client("sqs"):prepare("list_queues", {}).headers
        print(h.Authorization:match "Credential=([^/]+)")"""
    return subprocess.run([AWL, "--profile", profile, "-e", code], check=True, text=True,
                          capture_output=True).stdout.strip()


def verify_proof(proof, key, url):
    header, claims, signature = proof.split(".")

    def decoded(text):
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    jwk, said, raw = json.loads(decoded(header))["jwk"], json.loads(decoded(claims)), decoded(signature)
    assert said["htm"] == "POST" and said["htu"] == url and abs(said["iat"] - time.time()) < 60
    try:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils
    except ImportError:
        return print("the proof's signature is not verified: there is no python3-cryptography")
    numbers = key.public_key().public_numbers()
    assert int.from_bytes(decoded(jwk["x"]), "big") == numbers.x
    assert int.from_bytes(decoded(jwk["y"]), "big") == numbers.y
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, f"{header}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


def check_sso(home):
    token = f"{home}/.aws/sso/cache/{hashlib.sha1(b'corp').hexdigest()}.json"
    write(token, {"startUrl": "https://corp.test", "region": "eu-north-1", "accessToken": "old",
                  "expiresAt": iso(300), "clientId": "client", "clientSecret": "secret",
                  "registrationExpiresAt": iso(86400), "refreshToken": "refresh"})
    assert key_of("sso") == "ASIASSO"
    assert [path.split("?")[0] for path, _, _ in seen] == ["/token", "/federation/credentials"], seen
    assert seen[1][1]["x-amz-sso_bearer_token"] == "new"
    assert os.stat(token).st_mode & 0o777 == 0o600

    # botocore takes the token and would look for the keys in the same file.
    session = botocore.session.Session(profile="sso")
    provider = botocore.tokens.SSOTokenProvider(session)
    assert provider.load_token().get_frozen_token().token == "new"
    fetcher = botocore.credentials.SSOCredentialFetcher(
        "https://corp.test", "eu-north-1", "Reader", "123456789012", None, sso_session_name="corp")
    cached = f"{home}/.aws/cli/cache/{fetcher._create_cache_key()}.json"
    with open(cached) as file:
        assert json.load(file)["Credentials"]["AccessKeyId"] == "ASIASSO"
    assert key_of("sso") == "ASIASSO"
    assert len(seen) == 2, "asked again for what is in the cache"


def check_login(home, url):
    del seen[:]
    pem = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                          "ec_paramgen_curve:P-256"], check=True, capture_output=True).stdout
    path = f"{home}/.aws/login/cache/{hashlib.sha256(LOGIN.encode()).hexdigest()}.json"
    write(path, {"accessToken": {"accessKeyId": "ASIAOLD", "secretAccessKey": "s", "sessionToken": "t",
                                 "accountId": "123456789012", "expiresAt": iso(60)},
                 "clientId": "arn:aws:signin:::devtools/same-device", "refreshToken": "refresh",
                 "dpopKey": pem.decode()})
    assert key_of("login") == "ASIALOGIN"
    try:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
        key = load_pem_private_key(pem, None)
    except ImportError:
        key = None
    verify_proof(seen[0][1]["DPoP"], key, url + "/v1/token")

    cache = botocore.utils.JSONFileCache(os.path.dirname(path))
    loader = botocore.utils.LoginTokenLoader(cache)
    fetcher = botocore.credentials.LoginCredentialFetcher(LOGIN, loader, None)
    assert fetcher.load_cached_credentials()["access_key"] == "ASIALOGIN"


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, AWS_ENDPOINT_URL=url)
        botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR = f"{home}/.aws/sso/cache"
        write(f"{home}/.aws/config", f"""
[profile sso]
region = eu-west-1
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Reader
[profile login]
region = eu-west-1
login_session = {LOGIN}
[sso-session corp]
sso_region = eu-north-1
sso_start_url = https://corp.test
""")
        check_sso(home)
        if hasattr(botocore.utils, "LoginTokenLoader"):
            check_login(home, url)
    server.shutdown()
    print("logins are shared with botocore")


main()
