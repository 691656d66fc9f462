"""MongoDB's own client for the tests: runs each command of standard input, a line of extended JSON, on the database
`shop`, and prints its rows as one line of JSON: of each document the fields as dbdeck's cells have them.

    documents_client.py PORT CA PASSWORD
"""

import datetime
import json
import sys
import uuid

import bson
import pymongo
from bson import json_util

OPTIONS = json_util.RELAXED_JSON_OPTIONS.with_options(tz_aware=True)


def cell(value):
    if isinstance(value, bson.ObjectId):
        return str(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime.datetime):
        text = value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        return text + (f".{value.microsecond // 1000:03}" if value.microsecond else "") + "Z"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bson.Decimal128):
        return float(str(value))
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, (int, float, str, bool)) or value is None:
        return value
    return json.loads(json_util.dumps(value, json_options=OPTIONS))


def row(document):
    return {name: cell(value) for name, value in document.items()}


def rows(db, take, command):
    reply = db.command(command, codec_options=db.codec_options)
    if take == "n":
        return [{"count": reply["n"]}]
    if take == "values":
        return [{"value": cell(value)} for value in reply["values"]]
    cursor = reply["cursor"]
    all_of_them = list(cursor["firstBatch"])
    while cursor["id"]:
        collection = cursor["ns"].split(".", 1)[1]
        more = {"getMore": bson.Int64(cursor["id"]), "collection": collection}
        cursor = db.command(more, codec_options=db.codec_options)["cursor"]
        all_of_them += cursor["nextBatch"]
    return [row(document) for document in all_of_them]


port, ca, password = sys.argv[1:]
client = pymongo.MongoClient(host="localhost", port=int(port), tls=True, tlsCAFile=ca, username="guest", password=password,
                             directConnection=True, uuidRepresentation="standard", tz_aware=True)
for line in sys.stdin:
    asked = json.loads(line)
    command = json_util.loads(json.dumps(asked["command"]), json_options=json_util.JSONOptions(tz_aware=True))
    print(json.dumps(rows(client.shop, asked["take"], command)), flush=True)
