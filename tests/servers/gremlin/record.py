"""Asks a Gremlin Server the traversals of a fixture again and writes its answers beside them.

    record.py http://127.0.0.1:PORT tests/corpus/gremlin_answers.jsonl
    record.py http://127.0.0.1:PORT --grateful tests/corpus/grateful.json

A line is {"graph", "gremlin", "answer"}; the answer is `result.data` in GraphSON 3. A traversal that the server
refuses is left out. With --grateful the graph of that name is written: [[id, label, properties], ...] for vertices,
[[id, label, from, to, properties], ...] for edges.
"""
import json
import sys
import urllib.error
import urllib.request


def ask(server, graph, gremlin):
    body = json.dumps({"gremlin": gremlin, "language": "gremlin-lang", "aliases": {"g": graph}}).encode()
    # Without a proxy: the server is on loopback. `next()` of nothing is never answered.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(server + "/gremlin", data=body), timeout=20) as answer:
        return json.load(answer)["result"]["data"]


def plain(value):
    return value["@value"] if isinstance(value, dict) and "@value" in value else value


def line(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def record(server, path):
    with open(path, encoding="utf-8") as fixture:
        lines = [json.loads(text) for text in fixture]
    with open(path, "w", encoding="utf-8") as fixture:
        for one in lines:
            try:
                one["answer"] = ask(server, one["graph"], one["gremlin"])
            except (urllib.error.HTTPError, TimeoutError) as refusal:
                print(one["gremlin"], refusal, file=sys.stderr)
                continue
            fixture.write(line(one) + "\n")


def grateful(server, path):
    vertices, edges = [], []
    for item in ask(server, "grateful", "g.V()")["@value"]:
        v = item["@value"]
        properties = {k: plain(p[0]["@value"]["value"]) for k, p in v.get("properties", {}).items()}
        vertices.append([plain(v["id"]), v["label"], properties])
    for item in ask(server, "grateful", "g.E()")["@value"]:
        e = item["@value"]
        properties = {k: plain(p["@value"]["value"]) for k, p in e.get("properties", {}).items()}
        edges.append([plain(e["id"]), e["label"], plain(e["outV"]), plain(e["inV"]), properties])
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"vertices":[\n' + ",\n".join(map(line, vertices)) + "\n],\n")
        out.write('"edges":[\n' + ",\n".join(map(line, edges)) + "\n]}\n")


if __name__ == "__main__":
    if sys.argv[2] == "--grateful":
        grateful(sys.argv[1], sys.argv[3])
    else:
        record(sys.argv[1], sys.argv[2])
