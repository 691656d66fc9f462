"""What Apache's own client makes of a Gremlin Server's answers, in the form in which dbdeck shows them.

    client.py PORT < traversals

A line of input is {"graph", "gremlin"}; a line of output is the list of rows, or null where the server refuses. The
answer is read by gremlinpython's GraphSON reader; the server's HTTP channel carries the bytes. The reader has no trees:
theirs are taken from what it leaves.
"""
import json
import sys
import urllib.error
import urllib.request

from gremlin_python.process.traversal import Merge, T
from gremlin_python.structure.graph import Edge, Path, Property, Vertex, VertexProperty
from gremlin_python.structure.io.graphsonV3d0 import GraphSONReader

WORDS = (T, Merge)
READER = GraphSONReader()


def ask(port, graph, gremlin):
    body = json.dumps({"gremlin": gremlin, "language": "gremlin-lang", "aliases": {"g": graph}}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"http://127.0.0.1:{port}/gremlin", data=body)
    try:
        with opener.open(request, timeout=60) as answer:
            return READER.to_object(json.load(answer)["result"]["data"])
    except urllib.error.HTTPError:
        return None


def properties(element):
    found = {}
    for one in element.properties or []:
        found.setdefault(one.label if isinstance(one, VertexProperty) else one.key, []).append(shown(one.value))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def is_word(key):
    return isinstance(key, (str, *WORDS))


def name(key):
    return key if isinstance(key, str) else key.name.rstrip("_")


def shown(value):
    if isinstance(value, Vertex):
        return {"~id": value.id, "~entityType": "node", "~labels": value.label.split("::"),
                "~properties": properties(value)}
    if isinstance(value, Edge):
        return {"~id": value.id, "~entityType": "relationship", "~type": value.label, "~start": value.outV.id,
                "~end": value.inV.id, "~properties": properties(value)}
    if isinstance(value, VertexProperty):
        return {"~id": value.id, "~entityType": "property", "~key": value.label, "~value": shown(value.value)}
    if isinstance(value, Property):
        return {"~entityType": "property", "~key": value.key, "~value": shown(value.value)}
    if isinstance(value, Path):
        return [shown(one) for one in value.objects]
    if isinstance(value, dict) and value.get("@type") == "g:Tree":
        return [{"key": shown(one["key"]), "value": shown(one["value"])} for one in value["@value"]]
    if isinstance(value, dict):
        if all(is_word(key) for key in value):
            return {name(key): shown(one) for key, one in value.items()}
        return [{"key": shown(key), "value": shown(one)} for key, one in value.items()]
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return [shown(one) for one in value]
    if isinstance(value, WORDS):
        return name(value)
    return value


def rows(results):
    maps = all(isinstance(one, dict) and "@type" not in one and all(is_word(key) for key in one) for one in results)
    if maps and any(results):
        return [shown(one) for one in results]
    return [{"result": shown(one)} for one in results]


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        answer = ask(int(sys.argv[1]), asked["graph"], asked["gremlin"])
        print(json.dumps(None if answer is None else rows(answer), default=str), flush=True)
