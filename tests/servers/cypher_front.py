"""Neptune's openCypher on Neo4j: the same language, another HTTP API and another shape of nodes and relationships.

usage: cypher_front.py PORT STATEMENT     (prints Neo4j's own rows as JSON, one list a row)
"""

import http.client
import json
import sys


def asked(port, statement, parameters=None):
    """Neo4j's answer to one statement, in a transaction of its own: its result, or None, and its error, or None."""
    one = {"statement": statement, "parameters": parameters or {}, "resultDataContents": ["row", "graph"]}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/db/neo4j/tx/commit", json.dumps({"statements": [one]}),
                           {"content-type": "application/json"})
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    errors, results = answer["errors"], answer["results"]
    return results[0] if results and not errors else None, errors[0] if errors else None


def shaped(value, meta, graph):
    """A value as Neptune writes it. `meta` tells what is a node or a relationship, `graph` the rest of those."""
    if isinstance(meta, list) and isinstance(value, list):
        return [shaped(v, m, graph) for v, m in zip(value, meta)]
    if not isinstance(meta, dict) or meta["type"] not in ("node", "relationship"):
        return value
    of = graph["nodes" if meta["type"] == "node" else "relationships"]
    found = next(one for one in of if one["elementId"] == meta["elementId"])
    entity = {"~id": found["id"], "~entityType": meta["type"]}
    if meta["type"] == "node":
        entity["~labels"] = found["labels"]
    else:
        entity |= {"~start": found["startNode"], "~end": found["endNode"], "~type": found["type"]}
    return entity | {"~properties": value}


def run(port, statement, parameters):
    """Status and body of Neptune's answer."""
    result, error = asked(port, statement, parameters)
    if error:
        ended = "Terminated" in error["code"]
        code = "CancelledByUserException" if ended else "MalformedQueryException"
        message = "Operation terminated (cancelled by user)" if ended else error["message"]
        words = {"requestId": "front", "code": code, "detailedMessage": message, "message": message}
        return (500 if ended else 400), words
    rows = [{name: shaped(value, meta, data["graph"])
             for name, value, meta in zip(result["columns"], data["row"], data["meta"])}
            for data in result["data"]]
    return 200, {"results": rows}


def cancel(port, statement):
    """Ends the transactions that run this statement, on the server."""
    listing = "SHOW TRANSACTIONS YIELD transactionId, currentQuery WHERE currentQuery = $text RETURN transactionId"
    found, _ = asked(port, listing, {"text": statement})
    for data in (found or {"data": []})["data"]:
        asked(port, "TERMINATE TRANSACTION $id", {"id": data["row"][0]})


if __name__ == "__main__":
    told, trouble = asked(int(sys.argv[1]), sys.argv[2])
    if trouble:
        sys.exit(trouble["message"])
    print(json.dumps([data["row"] for data in told["data"]]))
