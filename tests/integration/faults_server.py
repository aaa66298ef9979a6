#!/usr/bin/env python3
"""A server that misbehaves as each request asks, and counts what reaches it.

    faults_server.py FOLDER

FOLDER has good.pem, expired.pem and other_name.pem, certificates with their keys. Prints
one line of JSON, the ports, and serves until its standard input ends. A request names the
faults of its attempts in the header x-fault ("reset,stall": those of the first and the
second; later ones are answered well), and in x-tag the call that it belongs to.
"random" draws from all faults, one attempt in ten.
"""
import asyncio
import json
import random
import socket
import ssl
import struct
import sys
import time

ANSWERED = {"500", "503", "429", "s3_error"}   # the client knows what became of it
MASS = ["reset", "close", "mid", "stall", "short", "long", "garbage", "500", "503", "429"]


class State:
    def __init__(self):
        self.counts = {}       # tag: requests that came
        self.unanswered = {}   # tag: one of them got no whole answer
        self.twice = []        # tags that came again after that, though they must not
        self.refuse = {}       # port name: connections still to be reset at once
        self.connections = {}  # port name: those that were accepted
        self.open = 0
        self.most_open = 0
        self.throttled = 0
        self.tokens = 0.0
        self.filled = time.monotonic()


state = State()
rng = random.Random(7)


def reset(writer):
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def answer(status, body, headers=()):
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}",
             "x-amzn-RequestId: FAULTS"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def error(status, code):
    return answer(status, json.dumps({"__type": code, "message": "as asked"}).encode())


def good(tag):
    attributes = {"tag": {"S": tag}}
    return answer(200, json.dumps({"Item": attributes, "Attributes": attributes}).encode())


def allowed():
    """Whether a service of 200 calls a second takes another one."""
    now = time.monotonic()
    state.tokens = min(50.0, state.tokens + (now - state.filled) * 200)
    state.filled = now
    if state.tokens < 1:
        state.throttled += 1
        return False
    state.tokens -= 1
    return True


async def read_request(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {}
    for line in head[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return head[0].split(" "), headers, body


def report(path):
    if path.startswith("/_count/"):
        return {"count": state.counts.get(path[8:], 0)}
    if path.startswith("/_refuse/"):
        _, _, name, count = path.split("/")
        state.refuse[name] = int(count)
    found = {"twice": state.twice, "calls": len(state.counts), "throttled": state.throttled,
             "requests": sum(state.counts.values()), "connections": dict(state.connections),
             "most_open": state.most_open}
    if path == "/_begin":
        state.counts, state.unanswered, state.twice = {}, {}, []
        state.connections, state.most_open, state.throttled = {}, 0, 0
    return found


def metadata(path):
    """The metadata service of a machine, which throttles each path twice."""
    path = path[1:]
    state.counts[path] = state.counts.get(path, 0) + 1
    if state.counts[path] <= 2:
        return answer(503, b"")
    if path.endswith("/token"):
        return answer(200, b"TOKEN", [("x-aws-ec2-metadata-token-ttl-seconds", "21600")])
    if path.endswith("/"):
        return answer(200, b"role")
    return answer(200, json.dumps({
        "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": f"AKID{state.counts[path]}",
        "SecretAccessKey": "s", "Token": "t",
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600)),
    }).encode())


def fault_of(headers, tag):
    state.counts[tag] = state.counts.get(tag, 0) + 1
    wanted = headers.get("x-fault", "")
    if wanted == "random":
        return rng.choice(MASS) if rng.random() < 0.1 else ""
    faults = wanted.split(",")
    number = state.counts[tag] - 1
    if wanted.startswith("always "):
        return wanted[7:]
    return faults[number] if number < len(faults) else ""


async def misbehave(fault, tag, reader, writer):
    """False when the connection is over."""
    whole = good(tag)
    if fault == "" or fault == "storm" and allowed():
        writer.write(whole)
        return True
    if fault == "storm":
        writer.write(error(400, "ThrottlingException"))
        return True
    if fault == "reset":
        reset(writer)
    elif fault == "close":
        writer.close()
    elif fault in ("mid", "short"):
        writer.write(whole[:-5])
        await writer.drain()
        await asyncio.sleep(0.01)
        if fault == "mid":
            reset(writer)
        else:
            writer.close()
    elif fault == "long":
        writer.write(whole + b"more than was said")
    elif fault == "garbage":
        writer.write(b"\x00\xff\xfe nothing of HTTP\r\n\r\n" * 20)
        await writer.drain()
        writer.close()
    elif fault == "stall":
        await reader.read()
        writer.close()
    elif fault == "slow":
        await asyncio.sleep(0.3)
        writer.write(whole)
        return True
    elif fault == "last":
        writer.write(whole)
        await writer.drain()
        writer.close()
    elif fault == "early":  # before the body, which comes in chunks
        writer.write(whole)
        body = await reader.readuntil(b"\r\n0\r\n\r\n")
        state.counts[tag + "-pieces"] = body.count(b"piece")
        return True
    elif fault == "redirect":
        writer.write(answer(307, b"", [("Location", "/_elsewhere")]))
        return True
    elif fault == "s3_error":
        writer.write(answer(200, b"<?xml version='1.0'?><Error><Code>InternalError</Code>"
                                 b"<Message>as asked</Message></Error>"))
        return True
    elif fault == "expired":
        writer.write(error(400, "ExpiredTokenException"))
        return True
    elif fault == "429":
        writer.write(error(429, "ThrottlingException"))
        return True
    else:
        writer.write(error(int(fault), "InternalServerError"))
        return True
    return False


async def one(name, reader, writer):
    line, headers, _ = await read_request(reader)
    if line[1].startswith("/_"):
        if line[1] == "/_elsewhere":
            state.counts["elsewhere"] = state.counts.get("elsewhere", 0) + 1
        writer.write(answer(200, json.dumps(report(line[1])).encode()))
        return True
    if line[1].startswith("/latest/"):
        writer.write(metadata(line[1]))
        return True
    tag = headers.get("x-tag", "")
    unsafe = headers.get("x-amz-target", "").endswith("PutItem")
    if unsafe and state.unanswered.get(tag):
        state.twice.append(tag)
    fault = fault_of(headers, tag)
    if fault not in ANSWERED and fault not in ("", "storm", "slow", "last", "expired", "early"):
        state.unanswered[tag] = True
    return await misbehave(fault, tag, reader, writer)


async def serve(name, reader, writer):
    state.connections[name] = state.connections.get(name, 0) + 1
    state.open += 1
    state.most_open = max(state.most_open, state.open)
    try:
        if state.refuse.get(name, 0) > 0:
            state.refuse[name] -= 1
            reset(writer)
            return
        while await one(name, reader, writer):
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        pass
    finally:
        state.open -= 1
        writer.close()


async def pipe(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def proxy(name, reader, writer):
    """CONNECT and plain requests, for user:secret only. With _refuse/proxy it dies.
    Of silent.test it says nothing, for busy.test it has no time."""
    state.connections[name] = state.connections.get(name, 0) + 1
    if state.refuse.get(name, 0) > 0:
        state.refuse[name] -= 1
        reset(writer)
        return
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()
            return
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        if method == "CONNECT":
            host, port = target.rsplit(":", 1)
        else:
            host, port = target.split("/")[2].rsplit(":", 1)
        if host == "busy.test":
            writer.write(b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        if host == "silent.test":
            await reader.read()
            return
        there, back = await asyncio.open_connection(host, int(port))
        if method == "CONNECT":
            assert b"Authorization: AWS4" not in head
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            back.write(head.replace(f"{method} http://{host}:{port}".encode(), method.encode(), 1))
        await asyncio.gather(pipe(reader, back), pipe(there, writer))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def context(folder, name, client=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(f"{folder}/{name}.pem")
    if client:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(client)
    return made


async def main(folder):
    servers = {
        "http": (serve, None),
        "resetting": (serve, None),
        "proxy": (proxy, None),
        "tls": (serve, context(folder, "good")),
        "tls_proxy": (proxy, context(folder, "good")),
        "expired": (serve, context(folder, "expired")),
        "other_name": (serve, context(folder, "other_name")),
        "client_cert": (serve, context(folder, "good", f"{folder}/ca.pem")),
    }
    ports = {}
    kept = []
    for name, (handler, tls) in servers.items():
        server = await asyncio.start_server(
            lambda r, w, name=name, handler=handler: handler(name, r, w),
            "127.0.0.1", 0, ssl=tls, backlog=4096, limit=1 << 20)
        kept.append(server)
        ports[name] = server.sockets[0].getsockname()[1]
    six = await asyncio.start_server(lambda r, w: serve("six", r, w), "::1", 0)
    kept.append(six)
    ports["six"] = six.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
