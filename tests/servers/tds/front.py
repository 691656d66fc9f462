"""Starts pySQLbridge with a certificate of ours instead of one that it signs for itself, and writes down what comes
in once a login is through: a line of `heard` for each message, with its connection, its kind and its text.

usage: front.py CERTIFICATE KEY ARGUMENTS-OF-PYSQLBRIDGE...
"""

import sys

from pysqlbridge import server
from pysqlbridge.certificate import load
from pysqlbridge.tds.connection import Connection, ConnectionState

take = Connection._take_message


def take_and_tell(connection):
    message = take(connection)
    if message and connection.state is ConnectionState.READY:
        text = " ".join(message.payload.decode("utf-16-le", "replace").split())
        with open("heard", "a", encoding="utf-8") as heard:
            heard.write(f"{id(connection)} {message.type.name} {text}\n")
    return message


Connection._take_message = take_and_tell
certificate, key = sys.argv[1:3]
server.self_signed = lambda *_, **__: load(certificate, key)
sys.argv = ["pysqlbridge", *sys.argv[3:]]
server.main()
