"""What `awl describe --output json` says of a service is what botocore reads in its model.

    describe.py AWL [--all]

Every twelfth service; all of them with --all. Ends with 77 when botocore is of another
version than awl's models.
"""

import json
import subprocess
import sys

import botocore
import botocore.model
import botocore.session
from botocore import xform_name

AWL, ALL = sys.argv[1], "--all" in sys.argv
session = botocore.session.get_session()


def described(*words):
    done = subprocess.run(
        [AWL, "describe", *words, "--output", "json"], capture_output=True, timeout=60
    )
    if done.returncode != 0:
        raise SystemExit(f"awl describe {words}: {done.returncode} {done.stderr!r}")
    return json.loads(done.stdout)


def number(value):
    return None if value is None else float(value)


def of_member(shape, name, required):
    fields = {"name": name, "shape": shape.name, "required": name in required}
    for key, trait in (("idempotency_token", "idempotencyToken"), ("location", "location")):
        fields[key] = shape.serialization.get(trait) or shape.metadata.get(trait)
    return fields


def as_read(member):
    keys = ("name", "shape", "required", "idempotency_token", "location")
    fields = {key: member.get(key) for key in keys}
    fields["required"] = bool(fields["required"])
    return fields


def wanted_shape(service, name):
    shape = service.shape_for(name)
    wanted = {"type": shape.type_name, "enum": shape.metadata.get("enum") or None}
    for key in ("min", "max"):  # of 64 bits, which awl's models round
        wanted[key] = number(shape.metadata.get(key))
    wanted["pattern"] = shape.metadata.get("pattern")
    for key in ("union", "sensitive", "exception"):
        wanted[key] = bool(shape.metadata.get(key))
    if shape.type_name == "structure" and not shape.metadata.get("document"):
        wanted["members"] = [
            of_member(member, name, shape.required_members)
            for name, member in shape.members.items()
        ]
    elif shape.type_name == "list":
        wanted["member"] = shape.member.name
    elif shape.type_name == "map":
        wanted["key"], wanted["value"] = shape.key.name, shape.value.name
    return wanted


def read_shape(shape):
    kind = {"document": "structure", "byte": "byte", "short": "short"}.get(shape["type"])
    read = {"type": kind or shape["type"], "enum": shape.get("enum")}
    for key in ("min", "max"):
        read[key] = number(shape.get(key))
    read["pattern"] = shape.get("pattern")
    for key in ("union", "sensitive", "exception"):
        read[key] = shape.get(key, False)
    if "members" in shape:
        read["members"] = [as_read(member) for member in shape["members"]]
    for key in ("member", "key", "value"):
        if key in shape:
            read[key] = shape[key]["shape"]
    return read


def wanted_operation(operation):
    wanted = {
        "name": operation.name,
        "method_name": xform_name(operation.name),
        "http_method": operation.http.get("method"),
        "request_uri": operation.http.get("requestUri"),
        "input": operation.input_shape and operation.input_shape.name,
        "output": operation.output_shape and operation.output_shape.name,
        "errors": [shape.name for shape in operation.error_shapes],
        "deprecated": operation.deprecated,
    }
    return wanted


def check(where, wanted, read, wrong):
    if wanted != read:
        different = {
            key: (wanted.get(key), read.get(key))
            for key in {*wanted, *read}
            if wanted.get(key) != read.get(key)
        }
        wrong.append(f"{where}: (botocore, awl) {different}"[:500])


def compare(name, wrong):
    service = session.get_service_model(name)
    data = described(name)
    full_name = service.metadata.get("serviceFullName")
    if full_name != data["service"]["full_name"]:
        wrong.append(f"{name}: {full_name} is called {data['service']['full_name']}")
    operations = {operation["name"]: operation for operation in data["operations"]}
    for operation in service.operation_names:
        wanted = wanted_operation(service.operation_model(operation))
        read = {key: operations[operation].get(key) for key in wanted}
        read["deprecated"] = bool(read["deprecated"])
        check(f"{name} {operation}", wanted, read, wrong)
    for shape in service.shape_names:
        check(f"{name} {shape}", wanted_shape(service, shape), read_shape(data["shapes"][shape]),
              wrong)
    if len(operations) != len(service.operation_names):
        wrong.append(f"{name}: {len(operations)} operations")
    return len(operations), len(data["shapes"])


def main():
    listed = described()
    if listed["models"] != f"botocore {botocore.__version__}":
        print(f"SKIPPED: botocore is {botocore.__version__}, the models are {listed['models']}")
        return 77
    names = session.get_available_services()
    wrong, counts = [], [0, 0]
    if sorted(names) != listed["services"]:
        wrong.append("the list of services is not botocore's")
    for name in names if ALL else names[::12]:
        counts = [a + b for a, b in zip(counts, compare(name, wrong))]
    for line in wrong[:20]:
        print(line)
    print(f"{counts[0]} operations, {counts[1]} shapes, {len(wrong)} differences")
    return 1 if wrong else 0


sys.exit(main())
