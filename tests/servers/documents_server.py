"""SecantusDB, which speaks MongoDB's wire, behind TLS and with users; and in front of it what dbdeck asks of AWS for a
DocumentDB cluster of that server: the RDS API in its query protocol, and the elastic clusters' one, which has none.

The users are made and the documents are put in by MongoDB's own client while the server asks for no login; then it is
started again as the tests meet it.
"""

import argparse
import datetime
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid

import bson
import pymongo

CLUSTER = "shelf"
ACCOUNT = "000000000000"


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("port", "mongo", "folder", "certificate", "key", "ca", "password"):
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def server(asked, *more):
    """A server on its port; it is up when it answers."""
    command = [os.path.join(os.path.dirname(sys.executable), "secantusd-py"), "--host", "127.0.0.1", "--port", asked.mongo,
               "--storage-path", os.path.join(asked.folder, "documents"), *more]
    return subprocess.Popen(command)


def until_up(ask):
    end = time.monotonic() + 60
    while True:
        try:
            return ask()
        except pymongo.errors.PyMongoError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def fill(client, password):
    """Users, and documents of every type."""
    for name, role in (("keeper", "readWriteAnyDatabase"), ("guest", "readAnyDatabase"), ("dawdler", "readAnyDatabase")):
        roles = [{"role": role, "db": "admin"}, {"role": "clusterMonitor", "db": "admin"}]
        client.admin.command("createUser", name, pwd=password, roles=roles)
    shop = client.shop
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    shop.books.insert_many([
        {"_id": n, "title": f"Title {n:04}", "year": 1900 + n * 7 % 120, "tags": [["sf", "war", "sea"][(n + k) % 3] for k in
         range(n % 4)], "author": {"name": ["Ann", "Bram", "Cleo"][n % 3], "born": 1850 + n % 90}, "price": n * 1.25,
         "sold": bson.Int64(n * 10**10), "added": start + datetime.timedelta(hours=n), "stock": [{"at": "lisbon", "n": n % 9},
         {"at": "dublin", "n": n % 5}], **({"isbn": f"978-{n}"} if n % 2 else {})}
        for n in range(3000)
    ])
    shop.books.create_index("year")
    shop.books.create_index([("author.name", 1), ("year", -1)])
    shop.types.insert_many([
        {"_id": bson.ObjectId("507f1f77bcf86cd799439011"), "v": bson.Decimal128("12345678901234567890.50")},
        {"_id": 2, "v": bson.Int64(9007199254740993)}, {"_id": 3, "v": 1.5}, {"_id": 4, "v": 1.0}, {"_id": 5, "v": None},
        {"_id": 6, "v": uuid.UUID("123e4567-e89b-12d3-a456-426614174000")}, {"_id": 7, "v": b"\x01\x02\xff"},
        {"_id": 8, "v": start}, {"_id": 9, "v": bson.Regex("^a/b", "i")}, {"_id": 10, "v": bson.Timestamp(7, 9)},
        {"_id": 11, "v": [1, "zwei 日本", {"drei": bson.Decimal128("3.0")}]}, {"_id": 12, "v": {"b": 1, "a": {"c": [True]}}},
        {"_id": 13, "v": float("inf")}, {"_id": 14, "v": "Größe\n\t\"quoted\""}, {"_id": 15, "v": bson.MinKey()},
        {"_id": 16, "v": datetime.datetime(1969, 12, 31, tzinfo=datetime.timezone.utc)}, {"_id": 17},
    ])
    shop.authors.insert_many([{"_id": name, "land": land} for name, land in (("Ann", "IE"), ("Bram", "NL"), ("Cleo", "GR"))])


class Aws(http.server.BaseHTTPRequestHandler):
    """What dbdeck asks of AWS. An account whose number starts with 5 has the cluster."""

    mongo = "0"

    def answer(self, body, kind="text/xml"):
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.answer(json.dumps({"clusters": []}), "application/json")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8", "replace")
        if self.path.rstrip("/") == "/clusters":
            return self.do_GET()
        action = urllib.parse.parse_qs(body).get("Action", [""])[0]
        inner = {"DescribeDBClusters": self.clusters, "DescribeDBInstances": self.instances}.get(action, lambda: "")()
        self.answer(f'<{action}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{action}Result>{inner}'
                    f"</{action}Result></{action}Response>")

    def clusters(self):
        return f"""<DBClusters><DBCluster><DBClusterIdentifier>{CLUSTER}</DBClusterIdentifier><Engine>docdb</Engine>
          <EngineVersion>5.0.0</EngineVersion><Status>available</Status><Endpoint>localhost</Endpoint>
          <ReaderEndpoint>localhost</ReaderEndpoint><Port>{self.mongo}</Port><MasterUsername>keeper</MasterUsername>
          <DBClusterArn>arn:aws:rds:us-east-1:{ACCOUNT}:cluster:{CLUSTER}</DBClusterArn><StorageEncrypted>true</StorageEncrypted>
          <DBClusterMembers><DBClusterMember><DBInstanceIdentifier>{CLUSTER}-1</DBInstanceIdentifier>
          <IsClusterWriter>true</IsClusterWriter></DBClusterMember></DBClusterMembers></DBCluster></DBClusters>"""

    def instances(self):
        return f"""<DBInstances><DBInstance><DBInstanceIdentifier>{CLUSTER}-1</DBInstanceIdentifier><Engine>docdb</Engine>
          <DBInstanceStatus>available</DBInstanceStatus><DBClusterIdentifier>{CLUSTER}</DBClusterIdentifier>
          <Endpoint><Address>localhost</Address><Port>{self.mongo}</Port></Endpoint></DBInstance></DBInstances>"""

    def log_message(self, *_):
        pass


def main():
    asked = arguments()
    address = f"mongodb://127.0.0.1:{asked.mongo}/?directConnection=true&serverSelectionTimeoutMS=2000"
    open_one = server(asked)
    client = pymongo.MongoClient(address, uuidRepresentation="standard")
    until_up(lambda: client.admin.command("ping"))
    fill(client, asked.password)
    client.close()
    open_one.send_signal(signal.SIGINT)
    open_one.wait(30)
    closed = server(asked, "--auth", "--tls-cert-file", asked.certificate, "--tls-key-file", asked.key)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: (closed.terminate(), sys.exit(0)))
    secure = pymongo.MongoClient(host="localhost", port=int(asked.mongo), tls=True, tlsCAFile=asked.ca, username="guest",
                                 password=asked.password, directConnection=True, serverSelectionTimeoutMS=2000)
    until_up(lambda: secure.shop.books.find_one())
    secure.close()
    Aws.mongo = asked.mongo
    http.server.ThreadingHTTPServer.daemon_threads = True
    front = http.server.ThreadingHTTPServer(("127.0.0.1", int(asked.port)), Aws)
    threading.Thread(target=lambda: (closed.wait(), os._exit(1)), daemon=True).start()
    front.serve_forever()


main()
