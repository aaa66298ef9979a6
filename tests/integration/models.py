"""What awl made of botocore's data, compared with botocore itself.

    models.py versions LIST.json    api versions and protocols of all services
    models.py docs DOCS_PACK        the texts of some services
    models.py endpoint SERVICE OPERATION   the URL and the host of a call
"""
import json
import struct
import sys
import zlib

import botocore.session
from botocore.loaders import Loader

FEW = ["acm", "dynamodb", "ec2", "iam", "lambda", "s3", "sqs", "sts"]


def versions(path):
    with open(path) as file:
        listed = json.load(file)["services"]
    loader = Loader()
    names = loader.list_available_services("service-2")
    wrong = set(names) ^ {service["name"] for service in listed}
    for service in listed:
        wanted = loader.list_api_versions(service["name"], "service-2")
        if service["api_versions"] != wanted or service["api_version"] != wanted[-1]:
            wrong.add(service["name"])
    print(f"{len(listed)} services, {len(wrong)} differ {sorted(wrong)[:5]}")
    return not wrong and len(listed) > 400


def read_docs(path):
    """service -> key -> text; the format is in docs_format.h."""
    with open(path, "rb") as file:
        data = file.read()
    count = struct.unpack_from("<8s8I", data)[6]
    names = 40 + 20 * count
    result = {}
    for i in range(count):
        name, name_len, block, packed, length = struct.unpack_from("<5I", data, 40 + 20 * i)
        raw = zlib.decompress(data[block:block + packed])
        assert len(raw) == length
        entries = {}
        for j in range(struct.unpack_from("<I", raw)[0]):
            key, key_len, text, text_len = struct.unpack_from("<4I", raw, 4 + 16 * j)
            entries[raw[key:key + key_len].decode()] = raw[text:text + text_len].decode()
        result[data[names + name:names + name + name_len].decode()] = entries
    return result


def docs(path):
    made, loader, wrong, total = read_docs(path), Loader(), 0, 0
    for service in FEW:
        model = loader.load_service_model(service, "service-2")
        wanted = {"S": model.get("documentation")}
        for name, operation in model["operations"].items():
            wanted["O" + name] = operation.get("documentation")
        for name, shape in model["shapes"].items():
            wanted["H" + name] = shape.get("documentation")
            for member, reference in shape.get("members", {}).items():
                wanted[f"M{name}\0{member}"] = reference.get("documentation")
        wanted = {key: text for key, text in wanted.items() if text}
        total += len(wanted)
        wrong += len(set(wanted.items()) ^ set(made[service].items()))
    print(f"{len(made)} services; {total} texts of {len(FEW)} compared, {wrong} differ")
    return wrong == 0 and total > 10000 and len(made) > 400


def endpoint(service, operation):
    client = botocore.session.get_session().create_client(
        service, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    seen = []

    def stop(request, **_):
        seen.append(request.url)
        raise StopIteration

    client.meta.events.register("before-send", stop)
    try:
        getattr(client, operation)()
    except StopIteration:
        pass
    print(seen[0])
    return True


if __name__ == "__main__":
    ok = {"versions": versions, "docs": docs, "endpoint": endpoint}[sys.argv[1]](*sys.argv[2:])
    sys.exit(0 if ok else 1)
