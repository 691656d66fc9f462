"""Asks a TDS server with pymssql, another client, and prints the rows as JSON: the rows to compare with.

usage: ask.py PORT PASSWORD < statements, one a line
"""

import json
import sys

import pymssql

port, password = sys.argv[1:3]
with pymssql.connect(server="127.0.0.1", port=port, user="sa", password=password, encryption="require") as connection:
    for statement in sys.stdin.read().splitlines():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            rows = [[None if cell is None else str(cell) for cell in row] for row in cursor.fetchall()]
            print(json.dumps({"columns": [name for name, *_ in cursor.description], "rows": rows}))
