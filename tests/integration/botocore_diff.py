"""Compares the requests of awl with those of botocore, for every operation.

    botocore_diff.py [--exceptions FILE] [--verbose] [SERVICE...]

Each operation is called twice with an input made from its model: once with every member
set, once with the required ones. botocore's request is taken just before it would be
sent, awl's is that of client:prepare. The program is $AWL. Differences that are known
stand in the exceptions file with their reasons; one that stands there and is none any
more is a failure too.
"""

import argparse
import base64
import fnmatch
import hashlib
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zlib
from urllib.parse import parse_qsl, urlsplit

import botocore.parsers
import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import MissingDependencyException, NoAuthTokenError

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ("all", "required")  # members that are set
TIME = 1700000000
LARGE = 2**53 + 1  # no double can say it
MEMBERS_MAX = 2000  # of one input; from then on the required ones only

# These differ between any two requests, or are added by whoever sends.
IGNORED_HEADERS = {
    "amz-sdk-invocation-id", "amz-sdk-request", "authorization", "content-length",
    "expect", "host", "user-agent", "x-amz-date",
}


# ---- inputs ----


class Generator:
    """Makes inputs from the shapes of one service; the same each time."""

    # Endpoint rule sets look into these, so they have to be well formed.
    SPECIAL = {
        ("s3", "Bucket"): "my-bucket",
        ("s3", "CopySource"): "my-bucket/some key",
        ("kinesis", "ConsumerARN"):
            "arn:aws:kinesis:us-east-1:123456789012:stream/name/consumer/other:1",
        ("cloudfront-keyvaluestore", "KvsARN"):
            "arn:aws:cloudfront::123456789012:key-value-store/name",
        ("machinelearning", "PredictEndpoint"):
            "https://realtime.machinelearning.us-east-1.amazonaws.com",
        ("route53", "HostedZoneId"): "/hostedzone/Z1",
        ("route53", "DelegationSetId"): "/delegationset/N1",
    }

    def __init__(self, service, shapes):
        self.service = service
        self.shapes = shapes
        self.cost = self.cheapest_depths()

    def cheapest_depths(self):
        """How deep the smallest value of each shape is: the way out of a recursion."""
        cost = dict.fromkeys(self.shapes, float("inf"))
        changed = True
        while changed:
            changed = False
            for name, shape in self.shapes.items():
                depth = self.depth_of(shape, cost)
                if depth < cost[name]:
                    cost[name] = depth
                    changed = True
        return cost

    @staticmethod
    def depth_of(shape, cost):
        if shape["type"] == "list":
            return 1 + cost[shape["member"]["shape"]] if shape.get("min") else 0
        if shape["type"] == "map":
            return 1 + cost[shape["value"]["shape"]] if shape.get("min") else 0
        if shape["type"] != "structure":
            return 0
        members = shape["members"]
        if shape.get("union"):
            return 1 + min((cost[member["shape"]] for member in members.values()), default=0)
        return 1 + max((cost[members[name]["shape"]] for name in shape.get("required", ())
                        if name in members), default=0)

    def input(self, shape_name, full):
        self.left = MEMBERS_MAX
        if shape_name is None:
            return {}
        return self.structure(self.shapes[shape_name], full, (), top=True)

    def value(self, name, ref, full, stack):
        """A value of the shape that `ref` refers to; `name` is that of its member."""
        shape_name = ref["shape"]
        shape = self.shapes[shape_name]
        kind = shape["type"]
        self.left -= 1
        if shape_name in stack or self.left < 0:
            full = False
        if kind == "structure":
            return self.structure(shape, full, stack + (shape_name,))
        if kind in ("list", "map"):
            in_header = ref.get("location") in ("header", "headers")
            return getattr(self, kind)(shape, full, stack + (shape_name,), in_header)
        if (self.service, name) in self.SPECIAL:
            return self.SPECIAL[self.service, name]
        if ref.get("jsonvalue") and ref.get("location") == "header":
            return {"name": ["value", 1]}
        return self.scalar(name, ref, shape)

    def scalar(self, name, ref, shape):
        kind = shape["type"]
        if kind == "string":
            return self.string(name, ref, shape)
        if kind == "blob":
            text = f"{name} \0\x01\xff".encode("latin-1", "replace")
            return text.ljust(int(shape.get("min", 0)), b"x")
        if kind in ("integer", "long"):
            default = 7 if kind == "integer" or ref.get("location") else LARGE
            return max(default, int(shape.get("min", 0)))
        if kind in ("float", "double", "bigdecimal"):
            return max(1234.5, shape.get("min", 0) + 0.5)
        if kind == "boolean":
            return True
        if kind == "timestamp":
            return self.time(ref, shape)
        raise ValueError(f"{self.service}: a shape of type {kind}")

    def time(self, ref, shape):
        """With a fraction where botocore sends one and does not write it with zeros."""
        text = {ref.get("timestampFormat"), shape.get("timestampFormat")} & {"iso8601", "rfc822"}
        return TIME + 0.25 if self.service == "bedrock-agentcore" and not text else TIME

    def string(self, name, ref, shape):
        if shape.get("enum"):
            return shape["enum"][0]
        if ref.get("contextParam") or ref.get("hostLabel"):
            if name.lower().endswith("arn"):
                return f"arn:aws:{self.service}:us-east-1:123456789012:stream/name"
            return "123456789012"
        location = ref.get("location")
        if location in ("header", "headers"):
            text = f"{name} of=it"
        elif location:
            text = f"{name} \u00fc/+&=*~%"
        else:
            text = f"{name} \u00fc <&>\"'+/=*~%;"
        return text.ljust(int(shape.get("min", 0)), "x")

    def structure(self, shape, full, stack, top=False):
        if shape.get("document"):
            return {"name": ["value", 1, 2.5, True, {}]}
        members = {name: ref for name, ref in shape["members"].items()
                   if not self.shapes[ref["shape"]].get("eventstream")}
        if shape.get("union"):
            chosen = self.union_member(members, stack)
        else:
            required = shape.get("required", ())
            chosen = [name for name, ref in members.items()
                      if name in required or ref.get("idempotencyToken") and top
                      or full and not self.skipped(name, ref, stack)]
        return {name: self.value(name, members[name], full, stack) for name in chosen}

    def union_member(self, members, stack):
        """Another one each time, unless that would not end."""
        names = list(members)
        open_ended = [name for name in names if members[name]["shape"] not in stack]
        if stack.count(stack[-1]) > 1 or self.left < 0 or not open_ended:
            return [min(names, key=lambda name: self.cost[members[name]["shape"]])]
        return [open_ended[self.left % len(open_ended)]]

    def skipped(self, name, ref, stack):
        # Sends the request to another place, signed with SigV4A.
        endpoint_id = ref.get("contextParam", {}).get("name") == "EndpointId"
        return endpoint_id or ref["shape"] in stack and self.left < MEMBERS_MAX // 2

    def list(self, shape, full, stack, in_header):
        count = int(shape.get("min", 0)) or 1
        member = shape["member"]
        if not full and not shape.get("min") or self.recursive(member, stack):
            count = int(shape.get("min", 0))
        elif full and count == 1:
            count = 2
        member = {**member, "location": "header" if in_header else None}
        return [self.value("item", member, full and i == 0, stack) for i in range(count)]

    def map(self, shape, full, stack, in_header):
        key = self.shapes[shape["key"]["shape"]]
        keys = key.get("enum") or ["key-1", "key-2" if in_header else "key-2 \u00fc"]
        count = max(1, int(shape.get("min", 0))) if full else int(shape.get("min", 0))
        if self.recursive(shape["value"], stack):
            count = int(shape.get("min", 0))
        keys = (keys + [f"key-{i}" for i in range(3, count + 1)])[:count]
        least = int(key.get("min", 0))
        member = {**shape["value"], "location": "headers" if in_header else None}
        return {key.ljust(least, "x"): self.value("value", member, full and i == 0, stack)
                for i, key in enumerate(keys)}

    def recursive(self, ref, stack):
        return stack.count(ref["shape"]) > 1


# ---- botocore's requests ----


class Captured(BaseException):
    """Carries the request out of botocore, past everything that handles errors."""


DISCOVERED = "discovered.us-east-1.amazonaws.com"


def answer_discovery(request, operation):
    """Endpoint discovery, which is not what was asked for, gets its answer."""
    target = text_of(request.headers.get("X-Amz-Target", ""))
    if target.endswith(".DescribeEndpoints") and operation != "DescribeEndpoints":
        endpoints = {"Endpoints": [{"Address": DISCOVERED, "CachePeriodInMinutes": 1440}]}
        response = AWSResponse(request.url, 200, HeadersDict({}), None)
        response._content = json.dumps(endpoints).encode()
        return response
    return None


def make_client(session, service, anonymous):
    config = Config(retries={"max_attempts": 0, "mode": "standard"},
                    s3={"us_east_1_regional_endpoint": "regional"},
                    signature_version=UNSIGNED if anonymous else None)
    client = session.create_client(
        service, region_name="us-east-1", config=config,
        aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret")
    return client


def copied(value):
    if isinstance(value, dict):
        return {key: copied(member) for key, member in value.items()}
    if isinstance(value, list):
        return [copied(member) for member in value]
    return value


def text_of(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def request_of_botocore(client, operation, arguments):
    def capture(request, **_):
        answer = answer_discovery(request, operation)
        if answer is None:
            raise Captured(request)
        return answer

    client.meta.events.register("before-send", capture, unique_id="capture")
    try:
        client._make_api_call(operation, copied(arguments))
    except Captured as captured:
        request = captured.args[0]
    else:
        raise AssertionError("botocore sent no request")
    finally:
        client.meta.events.unregister("before-send", unique_id="capture")
    body = request.body
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    return {
        "method": request.method,
        "url": request.url,
        "headers": {text_of(name): text_of(value) for name, value in request.headers.items()},
        "body": body or b"",
    }


# ---- comparison ----


def with_bytes_marked(value):
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: with_bytes_marked(member) for key, member in value.items()}
    if isinstance(value, list):
        return [with_bytes_marked(member) for member in value]
    return value


def xml_value(element):
    """Elements of different names may come in any order, those of one name may not."""
    children = {}
    for child in element:
        children.setdefault(child.tag, []).append(xml_value(child))
    text = element.text or ""
    return [element.tag, element.attrib, children, text if not children else text.strip()]


def cbor_value(body):
    parser = botocore.parsers.RpcV2CBORParser()
    return repr(sorted_maps(parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))))


def sorted_maps(value):
    if isinstance(value, dict):
        return {key: sorted_maps(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [sorted_maps(member) for member in value]
    return value


def presigned_value(value):
    """What a URL that carries its signature says, less what depends on the time."""
    if "X-Amz-Signature=" not in value:
        return value
    url = urlsplit(value)
    pairs = parse_qsl(url.query, keep_blank_values=True)
    return str((url._replace(query="").geturl(), sorted(
        pair for pair in pairs if pair[0] not in ("X-Amz-Date", "X-Amz-Signature"))))


def body_value(body, content_type):
    """What the body says, in a form that can be compared."""
    try:
        if not body:
            return ""
        if "cbor" in content_type:
            return cbor_value(body)
        if "json" in content_type or body[:1] in b"{[":
            return json.dumps(json.loads(body), sort_keys=True)
        if "form-urlencoded" in content_type:
            pairs = parse_qsl(body.decode(), keep_blank_values=True)
            signed = ("SignatureVersion", "2") in pairs
            return sorted((name, presigned_value(value)) for name, value in pairs
                          if not signed or name not in ("Signature", "Timestamp"))
        if body[:1] == b"<":
            return xml_value(ElementTree.fromstring(body))
    except Exception as error:  # it is not what its type says: the bytes count
        logging.debug("%s: %r", error, body)
    return repr(body)


def scope_of(headers):
    """The algorithm, region and service of a signature."""
    value = headers.get("authorization", "")
    parts = value.partition("Credential=")[2].partition(",")[0].split("/")
    return [value.split(" ")[0]] + parts[2:]


def with_digests_named(headers, body):
    """The digests of bodies that say the same differ when their bytes do."""
    digests = {
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
        "content-md5": base64.b64encode(hashlib.md5(body).digest()).decode(),
        "x-amz-checksum-crc32": base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode(),
    }
    return {name: "(of the body)" if digests.get(name) == value else value
            for name, value in headers.items()}


def parts_of(request):
    headers = {name.lower(): value.strip() for name, value in request["headers"].items()}
    headers = with_digests_named(headers, request["body"])
    url = urlsplit(request["url"])
    parts = {
        "method": request["method"],
        "host": f"{url.scheme}://{url.netloc}",
        "path": url.path or "/",
        "query": sorted(parse_qsl(url.query, keep_blank_values=True)),
        "scope": scope_of(headers),
        "body": body_value(request["body"], headers.get("content-type", "")),
    }
    for name, value in headers.items():
        if name not in IGNORED_HEADERS:
            parts["header:" + name] = value
    return parts


def differences(wanted, got):
    """{ part: (botocore's, awl's) } of the parts that differ."""
    wanted, got = parts_of(wanted), parts_of(got)
    found = {}
    for part in sorted({**wanted, **got}):
        if wanted.get(part) != got.get(part):
            change = "added-" if part not in wanted else "missing-" if part not in got else ""
            found[change + part] = wanted.get(part), got.get(part)
    return found


# ---- one service ----


def requests_of_service(session, service):
    """(operation, kind, input, anonymous, botocore's request or its error) of each."""
    client = make_client(session, service, anonymous=False)
    unsigned = None
    model = client.meta.service_model
    operations = session.get_service_model(service).operation_names
    raw = session.get_component("data_loader").load_service_model(service, "service-2")
    generator = Generator(service, raw["shapes"])
    for operation in operations:
        shape = raw["operations"][operation].get("input", {}).get("shape")
        for kind in range(len(KINDS)):
            arguments = generator.input(shape, full=kind == 0)
            anonymous, request, error = False, None, None
            try:
                request = request_of_botocore(client, operation, arguments)
            except (NoAuthTokenError, MissingDependencyException):
                # A bearer token or SigV4A: what is to be signed can be compared.
                anonymous = True
                unsigned = unsigned or make_client(session, service, anonymous=True)
            except Exception as failure:
                error = failure
            if anonymous:
                try:
                    request = request_of_botocore(unsigned, operation, arguments)
                except Exception as failure:
                    error = failure
            yield model.service_name, operation, kind, arguments, anonymous, request, error


def requests_of_awl(service, jobs):
    lines = [json.dumps({"operation": operation, "input": with_bytes_marked(arguments),
                         "anonymous": anonymous})
             for _, operation, _, arguments, anonymous, _, _ in jobs]
    run = subprocess.run([os.environ["AWL"], os.path.join(HERE, "botocore_diff.lua"), service],
                         input="\n".join(lines + [""]).encode(), stdout=subprocess.PIPE,
                         check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if len(answers) != len(jobs):
        raise AssertionError(f"{service}: {len(answers)} answers for {len(jobs)} requests")
    return answers


def compare(job, answer):
    _, _, _, _, _, request, error = job
    if error is not None or "error" in answer:
        if error is not None and "error" in answer:
            return {"refused-by-both": (str(error), answer["error"])}
        return {"refused": (error and f"{type(error).__name__}: {error}", answer.get("error"))}
    return differences(request, {**answer, "body": base64.b64decode(answer["body"])})


def check_service(service):
    """[(operation, kind, anonymous, differences)] of a service."""
    try:
        session = botocore.session.Session()
        jobs = list(requests_of_service(session, service))
        answers = requests_of_awl(service, jobs)
        return service, [(job[1], job[2], job[4], compare(job, answer))
                         for job, answer in zip(jobs, answers)]
    except Exception as error:
        return service, [("*", 0, False, {"failed": (None, repr(error))})]


# ---- the whole ----


def read_exceptions(path):
    """[(pattern of service.Operation, patterns of parts, reason)]"""
    exceptions = []
    with open(path) as lines:
        for line in lines:
            if line.startswith("    "):
                pattern, parts = exceptions[-1][:2]
                exceptions[-1] = pattern, parts, line.strip()
            elif line.strip() and not line.startswith("#"):
                pattern, parts = line.split()
                exceptions.append((pattern, parts.split(","), None))
    for pattern, _, reason in exceptions:
        if not reason:
            raise ValueError(f"{path}: {pattern} has no reason")
    return exceptions


def explains(exception, service, operation, kind, part):
    pattern, parts, _ = exception
    name = f"{service}.{operation}"
    if "/" in pattern:
        name += "/" + KINDS[kind]
    return fnmatch.fnmatchcase(name, pattern) and any(
        fnmatch.fnmatchcase(part, wanted) for wanted in parts)


def exceptions_of(exceptions, service, operation, kind, found):
    """The numbers of the exceptions that explain differences; whether that is all of them."""
    used, complete = set(), True
    for part in found:
        matching = [i for i, exception in enumerate(exceptions)
                    if explains(exception, service, operation, kind, part)]
        complete = complete and bool(matching)
        used.update(matching)
    return used, complete


def needless(exceptions, used, services):
    """Says which exceptions of the services were not used; whether there are any."""
    stale = [exception for i, exception in enumerate(exceptions) if i not in used
             and any(fnmatch.fnmatchcase(service, exception[0].split(".")[0])
                     for service in services)]
    for pattern, parts, reason in stale:
        print(f"{pattern} {','.join(parts)}: listed, but there is no such difference: {reason}")
    return bool(stale)


def report(service, operation, kind, found):
    print(f"{service}.{operation} ({KINDS[kind]} members)")
    for part, (wanted, got) in found.items():
        print(f"    {part}:")
        print(f"        botocore {str(wanted)[:600]}")
        print(f"        awl      {str(got)[:600]}")


class Tally:
    """Counts what is equal, different, or different as an exceptions file says."""

    def __init__(self, path, verbose):
        self.exceptions = read_exceptions(path)
        self.verbose = verbose
        self.used = set()
        self.equal = self.different = self.listed = 0

    def add(self, service, operation, kind, found):
        explained, completely = exceptions_of(self.exceptions, service, operation, kind, found)
        self.used |= explained
        if not found:
            self.equal += 1
        elif completely:
            self.listed += 1
        else:
            self.different += 1
            if self.different <= 20 or self.verbose:
                report(service, operation, kind, found)

    def failed(self, services):
        stale = needless(self.exceptions, self.used, services)
        return bool(self.different or stale)

    def __str__(self):
        return (f"{self.equal} equal, {self.different} different, "
                f"{self.listed} listed exceptions")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--exceptions", default=os.path.join(HERE, "botocore_diff.txt"))
    options.add_argument("--verbose", action="store_true", help="all differences, not 20")
    options.add_argument("services", nargs="*")
    options = options.parse_args()

    services = options.services or botocore.session.Session().get_available_services()
    tally = Tally(options.exceptions, options.verbose)
    operations = unsigned = 0
    with multiprocessing.Pool(2) as pool:
        for service, results in pool.imap_unordered(check_service, services):
            operations += len({result[0] for result in results})
            for operation, kind, anonymous, found in results:
                unsigned += anonymous
                tally.add(service, operation, kind, found)
    failed = tally.failed(services)
    print(f"{operations} operations x {len(KINDS)} inputs: {tally} "
          f"({unsigned} compared without a signature)")
    return 1 if failed or operations == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
