"""An AWS endpoint made only of AWS's own service models.

Every request is parsed and checked against botocore's model of the service it names; every answer is AWS's
documented example where botocore ships one, else random output that the operation's shape allows. Answers
depend on nothing but the seed and the request, so a failure is repeated by repeating its seed. It keeps no
state: it shows whether dbdeck asks rightly and survives whatever AWS may answer.

The path before the operation's own path chooses the mode:
  http://HOST:PORT              answers as the documentation shows them, seed 1
  http://HOST:PORT/_seed/N      the same with seed N
  http://HOST:PORT/_hostile/N   unknown enum values, absent optionals, control and bidi characters, numbers and
                                dates at their ends, repeated page tokens, errors, throttling, broken bodies
  http://HOST:PORT/_throttled/N as seed N, but each request is throttled the first time, so that asking again helps
  http://HOST:PORT/_expired/N   every call finds the credentials expired
  GET .../_model/calls          the calls made under that prefix so far: service, operation, protocol, whether the
                                request was valid by the model, why not, and what was answered

usage: model_server.py --port N [--items K]      (Python 3.12 or later, packages in model.txt)
"""

import argparse
import collections
import datetime
import gzip
import json
import random
import re
import threading
from pathlib import Path

import botocore
from botocore.validate import ParamValidator
from localemu.aws.api.core import CommonServiceException
from localemu.aws.protocol.parser import create_parser
from localemu.aws.protocol.serializer import create_serializer
from localemu.aws.protocol.service_router import (
    determine_aws_protocol,
    determine_aws_service_model,
    get_service_catalog,
)
from localemu.http import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

UTC = datetime.timezone.utc
NOW = datetime.datetime(2026, 11, 21, tzinfo=UTC)
MODE = re.compile(r"^/_(seed|hostile|throttled|expired)/(\d+)")
PAGE_TOKENS = {"nexttoken", "marker", "lastevaluatedtablename", "lastevaluatedkey", "paginationtoken"}
XML_PROTOCOLS = ("query", "rest-xml", "ec2")
ENGINES = ["postgres", "mysql", "aurora-postgresql", "neptune", "docdb", "mariadb", "oracle-ee", "sqlserver-se"]
STATUSES = ["available", "modifying", "stopped", "creating"]
REFUSALS = {
    "denied": ("AccessDeniedException", "\x1b[31mnot authorized\x1b[0m to perform: \u202eeverything", 403),
    "expired": ("ExpiredTokenException", "The security token included in the request is expired", 403),
    "throttled": ("ThrottlingException", "Rate exceeded", 400),
}
NASTY = [
    "\x1b]0;owned\x07",  # sets the window title
    "\x1b[2J\x1b[H",  # clears the screen
    "\x9b2J",  # the same by one C1 character
    "\u202egnp.exe",  # reads backwards
    "a\x00b",
    "line\r\nbreak\ttab",
    "e\u0301" * 40,
    "x" * 4000,
    "日本語" * 30,
    "😀👩‍👩‍👧‍👦",
    "ｆｕｌｌ",
    "=cmd|' /C calc'!A0",
    "-- DROP",
    "",
]


class Answer:
    """Makes one answer: valid for the shape, and as odd as the mode allows."""

    def __init__(self, rng: random.Random, hostile: bool, items: int):
        self.rng, self.hostile, self.items = rng, hostile, items

    def often(self, share: float) -> bool:
        """True that often, and only when hostile."""
        return self.hostile and self.rng.random() < share

    def of(self, shape, name: str = "", depth: int = 0):
        make = getattr(self, f"of_{shape.type_name}", None)
        return make(shape, name, depth) if make else self.of_string(shape, name, depth)

    def of_structure(self, shape, _name, depth):
        if depth > 7:
            return {}
        # DynamoDB's value is a union in all but name.
        if getattr(shape, "is_tagged_union", False) or shape.name == "AttributeValue":
            member = self.rng.choice(list(shape.members))
            return {member: self.of(shape.members[member], member, depth + 1)}
        out = {}
        for key, member in shape.members.items():
            if key.lower() in PAGE_TOKENS:
                # A page that names itself as the next one: a reader that trusts it never ends.
                if self.often(0.2):
                    text = member.type_name == "string"
                    out[key] = "same-token" if text else self.of(member, key, depth + 1)
            elif key in shape.required_members or not self.often(0.35):
                out[key] = self.of(member, key, depth + 1)
        return out

    def of_list(self, shape, name, depth):
        count = self.items if depth < 3 else min(2, self.items)
        return [self.of(shape.member, name, depth + 1) for _ in range(count)]

    def of_map(self, shape, _name, depth):
        return {f"k{i}": self.of(shape.value, f"k{i}", depth + 1) for i in range(2)}

    def of_boolean(self, _shape, _name, _depth):
        return self.rng.random() < 0.5

    def of_integer(self, _shape, _name, _depth):
        return self.rng.choice([0, -1, 2**31 - 1, 1]) if self.hostile else self.rng.randint(1, 1000)

    def of_long(self, _shape, _name, _depth):
        return self.rng.choice([0, -1, 2**63 - 1, -(2**63)]) if self.hostile else self.rng.randint(1, 1000)

    def of_float(self, _shape, _name, _depth):
        return self.rng.choice([0.0, -1.5, 1e300, 1e-300]) if self.hostile else round(self.rng.random() * 100, 3)

    of_double = of_float

    def of_timestamp(self, _shape, _name, _depth):
        if self.often(0.3):
            return self.rng.choice([datetime.datetime(1970, 1, 1, tzinfo=UTC), datetime.datetime(9999, 12, 31, tzinfo=UTC)])
        return NOW - datetime.timedelta(minutes=self.rng.randint(0, 5000))

    def of_blob(self, _shape, _name, _depth):
        return b"\x00\xff\x1b[31m" if self.hostile else b"blob"

    def of_string(self, shape, name, _depth):
        if getattr(shape, "enum", None):
            return "a-value-aws-added-later" if self.often(0.4) else self.rng.choice(shape.enum)
        if self.often(0.5):
            return self.rng.choice(NASTY)
        low = name.lower()
        if low.endswith("arn"):
            return f"arn:aws:rds:us-east-1:123456789012:db:{low}-{self.rng.randint(1, 99)}"
        if low == "engine":
            return self.rng.choice(ENGINES)
        if low.endswith("status"):
            return self.rng.choice(STATUSES)
        return f"{name or 'value'}-{self.rng.randint(1, 9999)}"

    def metric_data(self, asked: dict) -> dict:
        """One result per query asked, newest first as AWS answers by default, a point per period, some gaps."""
        end = asked.get("EndTime") or NOW
        start = asked.get("StartTime") or end - datetime.timedelta(hours=1)
        results = []
        for query in asked.get("MetricDataQueries") or []:
            if query.get("ReturnData") is False:
                continue
            stat = query.get("MetricStat") or {}
            period = datetime.timedelta(seconds=stat.get("Period") or query.get("Period") or 60)
            stamps, at = [], start
            while at < end and len(stamps) < 1440:
                if self.rng.random() > 0.05:
                    stamps.append(at)
                at += period
            if asked.get("ScanBy") != "TimestampAscending":
                stamps.reverse()
            label = query.get("Label") or (stat.get("Metric") or {}).get("MetricName", "")
            values = [self.metric_value() for _ in stamps]
            if self.often(0.2):
                values = values[: len(values) // 2]  # fewer values than timestamps
            results.append(
                {"Id": query["Id"], "Label": label, "Timestamps": stamps, "Values": values, "StatusCode": "Complete"}
            )
        return {"MetricDataResults": results, "Messages": []}

    def metric_value(self) -> float:
        return self.rng.choice([1e300, -1.0, 0.0, 5e-324]) if self.often(0.1) else round(50 + 40 * self.rng.random(), 3)


class Examples:
    """The outputs AWS documents, by service and operation, as far as botocore ships them."""

    def __init__(self):
        self.services: dict[str, dict[str, list]] = {}

    def outputs(self, service: str, operation: str) -> list:
        if service not in self.services:
            found: dict[str, list] = {}
            folder = Path(botocore.__file__).parent / "data" / service
            for file in sorted(folder.glob("*/examples-1.json*")):
                text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
                for name, rows in json.loads(text).get("examples", {}).items():
                    found[name] = [row["output"] for row in rows if row.get("output")]
            self.services[service] = found
        return self.services[service].get(operation, [])


def typed(shape, value):
    """An example's JSON as the shape's own types: times as datetimes, bytes as bytes, without unknown members."""
    match shape.type_name:
        case "structure":
            known = value.items() if isinstance(value, dict) else ()
            return {key: typed(shape.members[key], inner) for key, inner in known if key in shape.members}
        case "list":
            return [typed(shape.member, inner) for inner in value] if isinstance(value, list) else []
        case "map":
            return {key: typed(shape.value, inner) for key, inner in value.items()} if isinstance(value, dict) else {}
        case "timestamp":
            return datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        case "blob":
            return str(value).encode()
        case "integer" | "long" | "float" | "double" as number:
            convert = int if number in ("integer", "long") else float
            try:
                return convert(value)
            except (TypeError, ValueError):
                return convert(0)
        case "boolean":
            return value in (True, "true", "True")
    return str(value)


def xml_safe(value):
    """XML 1.0 carries almost no control characters, so AWS's XML services cannot send them either."""
    if isinstance(value, dict):
        return {key: xml_safe(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [xml_safe(inner) for inner in value]
    if isinstance(value, str):
        return "".join(c for c in value if c in "\t\n\r" or ord(c) >= 32)
    return value


class ModelServer:
    """The WSGI application."""

    def __init__(self, items: int):
        self.items = items
        self.examples = Examples()
        self.calls: dict[str, list[dict]] = {}
        self.asked: collections.Counter = collections.Counter()
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        return self.answer(environ)(environ, start_response)

    def answer(self, environ) -> Response:
        mode = MODE.match(environ.get("PATH_INFO", "/"))
        prefix = mode.group(0) if mode else ""
        manner = mode.group(1) if mode else "seed"
        seed = int(mode.group(2)) if mode else 1
        request = read_request(environ, prefix)
        if request.path == "/_model/calls":
            with self.lock:
                return Response(json.dumps(self.calls.get(prefix, [])), 200, content_type="application/json")
        call = {"service": None, "operation": None, "protocol": None, "valid": False, "why": "", "answered": "output"}
        with self.lock:
            self.calls.setdefault(prefix, []).append(call)
        try:
            return self.serve(request, call, prefix, manner, seed)
        except Exception as error:  # whatever it was, the caller gets an answer and the log says why
            call["why"] = f"{type(error).__name__}: {error}"[:400]
            call["answered"] = "internal failure"
            body = json.dumps({"__type": "InternalFailure", "message": call["why"]})
            return Response(body, 500, content_type="application/json")

    def serve(self, request: Request, call: dict, prefix: str, manner: str, seed: int) -> Response:
        service = determine_aws_service_model(request)
        call["service"] = service.service_name
        cbor = request.headers.get("Smithy-Protocol") == "rpc-v2-cbor"
        protocol = "smithy-rpc-v2-cbor" if cbor else determine_aws_protocol(request, service)
        call["protocol"] = protocol
        operation, asked = create_parser(service, protocol).parse(request)
        asked = asked or {}
        call["operation"] = operation.name
        if operation.input_shape is None:
            call["valid"] = True
        else:
            report = ParamValidator().validate(asked, operation.input_shape)
            call["valid"], call["why"] = not report.has_errors(), report.generate_report()[:400]

        identity = json.dumps(asked, default=str, sort_keys=True)
        rng = random.Random(f"{seed}{service.service_name}{operation.name}{identity}")
        serializer = create_serializer(service, protocol)
        hostile = manner == "hostile"
        if manner == "throttled" and self.times_asked(prefix, operation.name, identity) % 2 == 0:
            manner = "seed"
        if manner in REFUSALS:
            call["answered"] = manner
        elif hostile and rng.random() < 0.15:
            call["answered"] = rng.choice([*REFUSALS, "html", "cut", "empty"])
        if call["answered"] != "output":
            return fault(call, serializer, operation, request)
        output = self.output(operation, asked, Answer(rng, hostile, self.items))
        if protocol in XML_PROTOCOLS:
            output = xml_safe(output)
        return serializer.serialize_to_response(output, operation, request.headers, "request-1")

    def times_asked(self, prefix: str, operation: str, identity: str) -> int:
        """How often this very request was made, this time included."""
        with self.lock:
            self.asked[prefix, operation, identity] += 1
            return self.asked[prefix, operation, identity]

    def output(self, operation, asked: dict, answer: Answer) -> dict:
        if operation.name == "GetMetricData":
            return answer.metric_data(asked)
        if operation.output_shape is None:
            return {}
        documented = self.examples.outputs(operation.service_model.service_name, operation.name)
        if documented and not answer.hostile:
            return typed(operation.output_shape, answer.rng.choice(documented))
        return answer.of(operation.output_shape)


def fault(call: dict, serializer, operation, request: Request) -> Response:
    """What comes instead of an output: an error of the service, of something in between, or half a body."""
    kind = call["answered"]
    if kind in REFUSALS:
        code, message, status = REFUSALS[kind]
        message = xml_safe(message) if call["protocol"] in XML_PROTOCOLS else message
        error = CommonServiceException(code, message, status)
        return serializer.serialize_error_to_response(error, operation, request.headers, "request-1")
    if kind == "html":
        return Response("<html><body>\x1b]0;502 Bad Gateway\x07</body></html>", 502, content_type="text/html")
    return Response("<Descr" if kind == "cut" else "", 200, content_type="text/xml")


def read_request(environ, prefix: str) -> Request:
    """The request without the prefix that chose the mode, as the parsers expect it."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    headers = {key[5:].replace("_", "-").title(): value for key, value in environ.items() if key.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    headers["Content-Length"] = str(len(body))
    path = environ.get("PATH_INFO", "/")[len(prefix) :] or "/"
    return Request(environ["REQUEST_METHOD"], path, headers, body, query_string=environ.get("QUERY_STRING", ""))


class Quiet(WSGIRequestHandler):
    """One line per request on stderr would bury what matters."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_arguments):
        pass


def read_models() -> None:
    """Builds the indexes of all models, which are lazy: the first requests, which come at the same time, would each
    build them again for themselves and answer nobody for a minute."""
    catalog = get_service_catalog()
    indexes = (
        catalog.target_prefix_index,
        catalog.signing_name_index,
        catalog.operations_index,
        catalog.endpoint_prefix_index,
    )
    if not all(indexes):
        raise SystemExit("no models of AWS's services are installed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True, help="where to listen, on loopback")
    parser.add_argument("--items", type=int, default=3, help="how many elements a list gets")
    arguments = parser.parse_args()
    read_models()
    server = make_server("127.0.0.1", arguments.port, ModelServer(arguments.items), threaded=True, request_handler=Quiet)
    server.serve_forever()


if __name__ == "__main__":
    main()
