"""Neptune's data plane in front of Apache's Gremlin Server, of Neo4j and of Oxigraph, for what differs between them.

The path may begin with the graph: POST /grateful/gremlin is Neptune's POST /gremlin on the server's graph `grateful`;
without one it is `modern`. It speaks HTTP, and TLS on a second port.
- Neptune's body is {"gremlin", "queryId"}; the server wants a language (its Groovy is never used) and an alias.
- Neptune lists and cancels queries at /gremlin/status; over HTTP the server cannot. Here a cancelled query ends for
  its caller as Neptune ends it, and the connection to the server is closed; its thread may go on to its time-out.
- It lists and cancels SPARQL at /sparql/status, by a form; Oxigraph cannot. A cancelled query ends as above.
- Neptune's errors are {"requestId", "code", "detailedMessage"}.
- Answers of Gremlin Server and Oxigraph pass as they came, byte for byte; those of Neo4j are written as Neptune writes
  openCypher.

What arrived is listed at /_front/calls: method, path and body, in the order it came.

usage: neptune_front.py --port N --gremlin N --neo4j N --oxigraph N --tls N --certificate FILE --key FILE
"""

import argparse
import http.client
import json
import socket
import ssl
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cypher_front

CALLS, RUNNING, CYPHER, SPARQL, LOCK = [], {}, {}, {}, threading.Lock()


class Query:
    def __init__(self, text, connection):
        self.text, self.connection, self.since, self.cancelled = text, connection, time.monotonic(), False

    def cancel(self):
        self.cancelled = True
        # Closing alone does not wake the thread that reads.
        if self.connection.sock:
            self.connection.sock.shutdown(socket.SHUT_RDWR)


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gremlin = neo4j = oxigraph = 0

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def fault(self, status, code, message):
        self.answer(status, {"requestId": "front", "code": code, "detailedMessage": message, "message": message})

    def do_GET(self):
        self.take("")

    def do_DELETE(self):
        self.take("")

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        self.take(self.rfile.read(length).decode())

    def take(self, body):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/_front/calls":
            return self.answer(200, CALLS)
        with LOCK:
            CALLS.append({"method": self.command, "path": self.path, "body": body})
        parts = url.path.strip("/").split("/")
        graph = parts.pop(0) if parts[0] in ("modern", "grateful", "scratch") else "modern"
        match parts:
            case ["gremlin"]:
                self.run(graph, json.loads(body))
            case ["gremlin", "status", query] if self.command == "DELETE":
                self.cancel(RUNNING.get(query))
            case ["gremlin", "status"]:
                self.status(RUNNING)
            case ["opencypher"]:
                self.cypher(json.loads(body))
            case ["opencypher", "status", query] if self.command == "DELETE":
                self.cancel_cypher(query)
            case ["opencypher", "status"]:
                self.status(CYPHER)
            case ["sparql"] if self.command == "POST":
                self.sparql(body)
            case ["sparql", "status"] if self.command == "POST":
                form = urllib.parse.parse_qs(body, keep_blank_values=True)
                if "cancelQuery" in form:
                    self.cancel(SPARQL.get(form.get("queryId", [""])[0]))
                else:
                    self.status(SPARQL)
            case ["status"]:
                language = {"version": "tinkerpop-3.7"}
                self.answer(200, {"status": "healthy", "role": "writer", "dbEngineVersion": "front",
                                  "gremlin": language, "rollingBackTrxCount": 0})
            case other:
                words = f"{'/'.join(other)} is not in front of this server"
                self.fault(400, "UnsupportedOperationException", words)

    def run(self, graph, asked):
        request = {"gremlin": asked["gremlin"], "language": "gremlin-lang", "aliases": {"g": graph}}
        headers = {"content-type": "application/json"}
        ended = self.passed(RUNNING, asked.get("queryId"), asked["gremlin"], self.gremlin, "/gremlin",
                            json.dumps(request), headers)
        if ended is None:
            return
        status, data, _ = ended
        if status == 200:
            return self.answer(200, data)
        message = json.loads(data).get("message", "") if data.startswith(b"{") else data.decode()
        self.fault(400, "MalformedQueryException", message)

    def sparql(self, body):
        form = urllib.parse.parse_qs(body)
        text = form.get("query", form.get("update", [""]))[0]
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": self.headers.get("accept", "*/*")}
        ended = self.passed(SPARQL, form.get("queryId", [None])[0], text, self.oxigraph, "/sparql", body, headers)
        if ended is None:
            return
        status, data, kind = ended
        if 200 <= status < 300:
            return self.answer(200, data, kind)
        self.fault(400, "MalformedQueryException", data.decode())

    def passed(self, running, name, text, port, path, body, headers):
        """What the server behind answers: status, body and its form; None when the caller has been told why not."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        query = Query(text, connection)
        name = name or str(id(query))
        with LOCK:
            running[name] = query
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.getheader("content-type", "")
        except (OSError, http.client.HTTPException) as failure:
            if query.cancelled:
                return self.fault(500, "CancelledByUserException", "The query was cancelled.")
            return self.fault(500, "InternalFailureException", str(failure))
        finally:
            with LOCK:
                running.pop(name, None)
            connection.close()

    def cypher(self, asked):
        name = str(uuid.uuid4())
        with LOCK:
            CYPHER[name] = Query(asked["query"], None)
        try:
            parameters = json.loads(asked.get("parameters") or "{}")
            self.answer(*cypher_front.run(self.neo4j, asked["query"], parameters))
        finally:
            with LOCK:
                CYPHER.pop(name)

    def cancel_cypher(self, name):
        query = CYPHER.get(name)
        if query is None:
            return self.fault(400, "InvalidParameterException", "Supplied queryId is invalid")
        cypher_front.cancel(self.neo4j, query.text)
        self.answer(200, {"status": "200 OK", "payload": True})

    def cancel(self, query):
        if query is None:
            return self.fault(400, "InvalidParameterException", "Supplied queryId is invalid")
        query.cancel()
        self.answer(200, {"status": "200 OK"})

    def status(self, running):
        with LOCK:
            listed = [{"queryId": name, "queryString": query.text[:1024],
                       "queryEvalStats": {"elapsed": int(1000 * (time.monotonic() - query.since))}}
                      for name, query in running.items()]
        self.answer(200, {"acceptedQueryCount": len(listed), "runningQueryCount": len(listed), "queries": listed})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True, help="where it listens, on loopback")
    parser.add_argument("--gremlin", type=int, required=True, help="port of Gremlin Server")
    parser.add_argument("--neo4j", type=int, required=True, help="port of Neo4j")
    parser.add_argument("--oxigraph", type=int, required=True, help="port of Oxigraph")
    parser.add_argument("--tls", type=int, required=True, help="where it listens for TLS, on loopback")
    parser.add_argument("--certificate", required=True, help="PEM file for TLS")
    parser.add_argument("--key", required=True, help="its key")
    arguments = parser.parse_args()
    Front.gremlin, Front.neo4j, Front.oxigraph = arguments.gremlin, arguments.neo4j, arguments.oxigraph
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.certificate, arguments.key)
    secure = ThreadingHTTPServer(("127.0.0.1", arguments.tls), Front)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Front).serve_forever()
