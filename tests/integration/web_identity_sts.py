"""STS for web_identity.sh: python3 web_identity_sts.py PORT PROVIDER.

AssumeRoleWithWebIdentity takes a token only if one of the provider's keys has signed it.
GetCallerIdentity calls the keys expired, once, when there is a file "expire" in the
folder of its log."""
import base64
import http.server
import json
import os
import sys
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PORT, PROVIDER = int(sys.argv[1]), sys.argv[2]
FOLDER = os.path.dirname(os.readlink("/proc/self/fd/1"))
ARN = "arn:aws:sts::123456789012:assumed-role/Pod/me"


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def is_good(token):
    head, claims, signature = token.split(".")
    kid = json.loads(decoded(head))["kid"]
    keys = json.load(urllib.request.urlopen(PROVIDER + "/jwks"))["keys"]
    for key in keys:
        if key["kid"] != kid:
            continue
        n, e = (int.from_bytes(decoded(key[name]), "big") for name in "ne")
        try:
            rsa.RSAPublicNumbers(e, n).public_key().verify(
                decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
            return True
        except Exception:  # whatever is wrong with it
            return False
    return False


def result(action, body):
    return 200, f"<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"


def error(code):
    return 400, ("<ErrorResponse><Error><Type>Sender</Type>"
                 f"<Code>{code}</Code><Message>no</Message></Error></ErrorResponse>")


def assume(query):
    token = query["WebIdentityToken"][0]
    if not is_good(token):
        return error("InvalidIdentityToken")
    print("Assume", token.split(".")[2], flush=True)
    return result("AssumeRoleWithWebIdentity",
                  "<Credentials><AccessKeyId>ASIATEST</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                  "<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
                  f"<AssumedRoleUser><Arn>{ARN}</Arn><AssumedRoleId>A:me</AssumedRoleId></AssumedRoleUser>")


def identify():
    try:
        os.remove(os.path.join(FOLDER, "expire"))
        return error("ExpiredToken")
    except FileNotFoundError:
        return result("GetCallerIdentity", f"<Arn>{ARN}</Arn><UserId>A:me</UserId>"
                                           "<Account>123456789012</Account>")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = urllib.parse.parse_qs(body)
        signed = "Authorization" in self.headers
        if query["Action"][0] == "GetCallerIdentity":
            status, text = identify() if signed else error("MissingAuthenticationToken")
        else:
            status, text = error("Signed") if signed else assume(query)
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
