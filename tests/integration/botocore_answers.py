"""Has botocore read answers that awl's server side wrote, for every operation.

    botocore_answers.py [SERVICE...]

Outputs are made from the models as botocore_diff.py makes inputs; what botocore's parsers
understand must be what was to be said. The program is $AWL.
"""

import argparse
import datetime
import http.client
import io
import json
import multiprocessing
import os
import subprocess
import sys

import botocore.parsers
import botocore.session

from botocore_diff import HERE, KINDS, Generator, Tally, with_bytes_marked


class OutputGenerator(Generator):
    def scalar(self, name, ref, shape):
        if ref.get("location") == "statusCode":
            return 200
        if shape["type"] == "blob" and name == self.payload:
            return f"{name} \u00fc".encode()  # botocore makes it a string unless it is a stream
        return super().scalar(name, ref, shape)

    def skipped(self, name, ref, stack):
        # The server says by itself how long its answer is.
        length = ref.get("locationName", "").lower() == "content-length"
        return length or super().skipped(name, ref, stack)

    def output(self, shape_name, full):
        self.payload = self.shapes[shape_name].get("payload")
        output = self.input(shape_name, full)
        for name, member in self.shapes[shape_name]["members"].items():
            if self.shapes[member["shape"]].get("eventstream"):
                output[name] = self.events(member["shape"], full)
        return output

    def events(self, shape_name, full):
        """One of each; an exception would end the stream."""
        return [{name: self.input(member["shape"], full)}
                for name, member in self.shapes[shape_name]["members"].items()
                if not self.shapes[member["shape"]].get("exception")]


class EventBody(io.BytesIO):
    """What botocore reads events from: urllib3's response, in small pieces."""

    def stream(self):
        while piece := self.read(7):
            yield piece


def plain(value):
    """Parsed values in the form in which they were generated."""
    if isinstance(value, datetime.datetime):
        seconds = value.timestamp()
        return int(seconds) if seconds == int(seconds) else seconds
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    return value


def without_empty(value):
    """Empty lists, maps and structures cannot be told from absent ones in XML."""
    if isinstance(value, dict):
        members = {key: without_empty(member) for key, member in value.items()}
        return {key: member for key, member in members.items() if member not in ({}, [], None)}
    if isinstance(value, list):
        return [without_empty(member) for member in value]
    return value


def without_empty_payload(event):
    return {name: {key: member for key, member in members.items() if member != b""}
            for name, members in event.items()}


def ask(connection, operation, output):
    body = json.dumps({"operation": operation, "output": with_bytes_marked(output)})
    connection.request("POST", "/", body.encode(), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return {"status_code": answer.status, "body": answer.read(),
            "headers": botocore.awsrequest.HeadersDict(answer.getheaders())}


def of_any_answer(serialization):
    """Whether the member is a part that an answer has by itself."""
    return serialization.get("location") == "statusCode" or (
        serialization.get("location") == "header"
        and serialization.get("name", "").lower() in ("content-length", "content-type"))


def compare(parser, model, output, answer):
    if answer["status_code"] == 599:
        return {"refused": (None, answer["body"].decode())}
    payload = model.output_shape.serialization.get("payload")
    events = model.has_event_stream_output and model.get_event_stream_output().name
    if events:
        answer["body"] = EventBody(answer["body"])
        answer["context"] = {"operation_name": model.name}
    elif model.has_streaming_output:
        answer["body"] = io.BytesIO(answer["body"])
    parsed = parser.parse(answer, model.output_shape)
    parsed.pop("ResponseMetadata", None)
    for name, member in model.output_shape.members.items():
        if member.name == events:
            parsed[name] = [without_empty_payload(event) for event in parsed[name]]
    for name, member in model.output_shape.members.items():
        if name not in output and of_any_answer(member.serialization):
            parsed.pop(name, None)
    if payload in parsed and model.output_shape.members[payload].type_name == "blob":
        body = parsed[payload]
        parsed[payload] = body.encode() if isinstance(body, str) else body.read()
    if payload not in output and parsed.get(payload) in ("", b""):
        parsed.pop(payload)  # a body that is empty is none
    found, wanted = without_empty(plain(parsed)), without_empty(output)
    return {f"member:{name}": (wanted.get(name), found.get(name))
            for name in sorted({**wanted, **found}) if wanted.get(name) != found.get(name)}


def answers(session, service, connection):
    model = session.get_service_model(service)
    parser = botocore.parsers.create_parser(model.resolved_protocol)
    raw = session.get_component("data_loader").load_service_model(service, "service-2")
    generator = OutputGenerator(service, raw["shapes"])
    for operation in model.operation_names:
        shape = raw["operations"][operation].get("output", {}).get("shape")
        if shape is None:
            continue
        for kind in range(len(KINDS)):
            output = generator.output(shape, full=kind == 0)
            try:
                answer = ask(connection, operation, output)
                found = compare(parser, model.operation_model(operation), output, answer)
            except Exception as error:
                found = {"failed": (None, repr(error))}
            yield operation, kind, found


def check_service(service):
    run = subprocess.Popen([os.environ["AWL"], os.path.join(HERE, "botocore_answers.lua"),
                            service], stdout=subprocess.PIPE)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", int(run.stdout.readline()), timeout=5)
        results = list(answers(botocore.session.Session(), service, connection))
        connection.request("GET", "/end")
        connection.getresponse().read()
        connection.close()
        if run.wait(timeout=60) != 0:
            results.append(("*", 0, {"failed": (0, run.returncode)}))
        return service, results
    except Exception as error:
        return service, [("*", 0, {"failed": (None, repr(error))})]
    finally:
        if run.poll() is None:
            run.kill()
            run.wait()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--verbose", action="store_true", help="all differences, not 20")
    options.add_argument("services", nargs="*")
    options = options.parse_args()

    services = options.services or botocore.session.Session().get_available_services()
    tally = Tally(os.path.join(HERE, "botocore_answers.txt"), options.verbose)
    answered = 0
    with multiprocessing.Pool(2) as pool:
        for service, results in pool.imap_unordered(check_service, services):
            answered += len(results)
            for operation, kind, found in results:
                tally.add(service, operation, kind, found)
    failed = tally.failed(services)
    print(f"{answered} answers: {tally}")
    return 1 if failed or not tally.equal else 0


if __name__ == "__main__":
    sys.exit(main())
