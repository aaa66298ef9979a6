"""Compares what awl refuses of wrong inputs with what botocore's ParamValidator does.

    validation.py [SERVICE...]

Inputs are made from the models, as in botocore_diff.py, and one thing in each is changed:
a type, a name, a length, a number, a union's members. Both must say the same, accepted or
refused. Where they do not, one of EXPLAINED must tell why. The program is $AWL.
"""

import collections
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys

import botocore.session
from botocore.validate import ParamValidator

from botocore_diff import Generator, copied, with_bytes_marked

HERE = os.path.dirname(os.path.abspath(__file__))
CHANGES = 100  # inputs a service

# (what was changed, awl's message or None if awl accepts, reason)
EXPLAINED = [
    ("", r"out of range", "an integer of 32 bits or less does not hold more"),
    ("bool", r"expected (integer|number|timestamp).*got boolean", "Python's booleans are integers"),
    ("", r"expected at least \d+ bytes", "botocore does not look at the length of blobs"),
    ("", r"not a label of a host name|must not be empty|needed for the path",
     "botocore refuses it too, but when it writes the request"),
    ("", r"is no name of a bucket", "botocore looks at the names of buckets later"),
    ("", r"not a time such as|not in the years", "botocore guesses at times"),
    ("null", None, "null is an absent member"),
    ("whole float", None, "a whole float is an integer in Lua"),
    ("empty object|empty list", None, "an empty table is a list and an object"),
]


# ---- changes ----


def places(value, shape, path=()):
    """Every (container, key, shape of what is there) within an input."""
    if shape.type_name == "structure" and not shape.is_document_type:
        for name in value:
            if name in shape.members:
                yield value, name, shape.members[name]
                yield from places(value[name], shape.members[name])
    elif shape.type_name == "list":
        for i, item in enumerate(value):
            yield value, i, shape.member
            yield from places(item, shape.member)
    elif shape.type_name == "map":
        for key, item in value.items():
            yield value, key, shape.value
            yield from places(item, shape.value)


OTHERS = {
    "text": "text", "number": 7, "fraction": 1.5, "whole float": 2.0, "bool": True,
    "empty list": [], "list": ["x"], "empty object": {}, "object": {"x": "y"}, "null": None,
    "negative": -1, "zero": 0, "large": 2**40, "no text": "", "digits": "12",
    "time": "2020-01-02T03:04:05Z",
}


def change(rng, arguments, shape):
    """Changes one thing in place; what it was, or None if there is nothing to change."""
    spots = list(places(arguments, shape))
    kind = rng.choice(["type"] * 6 + ["missing", "unknown", "misspelt", "second"])
    if kind == "unknown" or not spots:
        arguments["NoSuchMember"] = 1
        return "unknown"
    container, key, target = rng.choice(spots)
    if kind == "missing" and isinstance(container, dict):
        del container[key]
    elif kind == "misspelt" and isinstance(container, dict):
        container[key[:-1] + "_"] = container.pop(key)
    elif kind == "second" and isinstance(container[key], dict) and getattr(target, "members", None):
        other = rng.choice(list(target.members))
        container[key].setdefault(other, "x")
    else:
        kind = rng.choice(list(OTHERS))
        container[key] = copied(OTHERS[kind])
    return kind


# ---- one service ----


def completed(operation, arguments):
    """With what botocore itself adds before it validates."""
    added = dict.fromkeys(operation.idempotent_members, "0" * 36)
    if operation.service_model.service_name == "glacier":
        added["accountId"] = "-"
    return {**added, **arguments}


def refused_by_awl(service, jobs):
    lines = [json.dumps(with_bytes_marked(job)) for job in jobs]
    done = subprocess.run(
        [os.environ["AWL"], "run", os.path.join(HERE, "validation.lua"), service],
        input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(jobs):
        raise RuntimeError(f"{service}: {len(answers)} answers: {done.stderr[-500:]}")
    return answers


def explanation(what, message):
    for changed, pattern, reason in EXPLAINED:
        if not re.fullmatch(changed or ".*", what):
            continue
        if pattern is None and message is None or pattern and message and re.search(pattern, message):
            return reason
    return None


def check_service(service):
    session = botocore.session.Session()
    model = session.get_service_model(service)
    raw = session.get_component("data_loader").load_service_model(service, "service-2")
    generator = Generator(service, raw["shapes"])
    rng = random.Random(service)
    # A stream of events is no part of the input: it is written once the call has begun.
    operations = [name for name in model.operation_names if model.operation_model(name).input_shape
                  and not model.operation_model(name).has_event_stream_input]
    jobs, changes, verdicts = [], [], []
    for _ in range(CHANGES if operations else 0):
        name = rng.choice(operations)
        shape = model.operation_model(name).input_shape
        arguments = copied(generator.input(shape.name, rng.random() < 0.7))
        changes.append(change(rng, arguments, shape))
        report = ParamValidator().validate(completed(model.operation_model(name), arguments), shape)
        verdicts.append(report.generate_report() if report.has_errors() else None)
        jobs.append({"operation": name, "input": arguments})
    counts, failures = collections.Counter(), []
    for job, what, verdict, answer in zip(jobs, changes, verdicts, refused_by_awl(service, jobs)):
        # An input that is in order may still have no endpoint, or be refused by a service's rule.
        refused = answer["kind"] == "input" if "kind" in answer else False
        message = answer.get("message") if refused else None
        if answer.get("kind") == "bug":
            failures.append(f"{service}.{job['operation']} ({what}): {answer['message']}")
        elif refused == (verdict is not None):
            counts["refused by both" if refused else "accepted by both"] += 1
        elif explanation(what, message):
            counts["not the same: " + explanation(what, message)] += 1
        else:
            failures.append(f"{service}.{job['operation']} ({what}):\n  botocore: {verdict}\n"
                            f"  awl: {message}\n  {json.dumps(with_bytes_marked(job['input']))[:600]}")
    return counts, failures


def main():
    services = sys.argv[1:] or botocore.session.Session().get_available_services()
    total, failures = collections.Counter(), []
    with multiprocessing.Pool(2) as pool:
        for counts, failed in pool.imap_unordered(check_service, services):
            total += counts
            failures += failed
    print("\n".join(failures))
    for words, count in sorted(total.items()):
        print(f"{count:7} {words}")
    print(f"{sum(total.values()) + len(failures)} inputs of {len(services)} services, "
          f"{len(failures)} differences without a reason")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
