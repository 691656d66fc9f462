"""Cassandra's own driver: sets the server up, and says what it reads.

client.py PORT CA PASSWORD setup           once: the role that only reads, and the tables of the tests
client.py PORT CA PASSWORD rows KEYSPACE   a JSON list of statements on standard input; a JSON list of their rows as CSV
"""

import csv
import datetime
import decimal
import io
import json
import ssl
import sys
import uuid

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import WhiteListRoundRobinPolicy
from cassandra.query import tuple_factory
from cassandra.util import Date, Duration, OrderedMapSerializedKey, SortedSet, Time

TYPES = [
    ("a", "ascii", "'plain'"),
    ("b", "bigint", "-9223372036854775808"),
    ("bl", "blob", "0xcafe00"),
    ("bo", "boolean", "true"),
    ("d", "date", "'2026-02-28'"),
    ("de", "decimal", "123456789012345678901234567890.0001"),
    ("dn", "decimal", "-0.00000001"),
    ("do_", "double", "0.1"),
    ("du", "duration", "1y2mo3d4h5m6s7ms"),
    ("f", "float", "1.5"),
    ("i4", "inet", "'192.0.2.1'"),
    ("i6", "inet", "'2001:db8::1'"),
    ("i", "int", "-5"),
    ("s", "smallint", "32767"),
    ("t", "text", "'größe \"数据\" it''s'"),
    ("ti", "time", "'08:12:54.123456789'"),
    ("ts", "timestamp", "'2026-01-02 03:04:05.678+0000'"),
    ("tu", "timeuuid", "50554d6e-29bb-11e5-b345-feff819cdc9f"),
    ("ty", "tinyint", "-128"),
    ("u", "uuid", "123e4567-e89b-12d3-a456-426614174000"),
    ("vi", "varint", "-123456789012345678901234567890"),
    ("l", "list<int>", "[3, 1, 2]"),
    ("st", "set<text>", "{'b', 'a'}"),
    ("m", "map<text, int>", "{'x': 1, 'y': 2}"),
    ("mi", "map<int, frozen<list<text>>>", "{7: ['p', 'q']}"),
    ("tp", "tuple<int, text, double>", "(1, 'one', 0.5)"),
    ("ad", "frozen<address>", "{street: 'Main', zip: 123}"),
    ("ve", "vector<float, 3>", "[0.5, -1, 2]"),
]


def setup(session, password):
    """The role and the tables; asked again it does nothing."""
    session.execute(f"CREATE ROLE IF NOT EXISTS reader WITH PASSWORD = '{password}' AND LOGIN = true")
    session.execute(
        "CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
    )
    session.execute("GRANT SELECT ON KEYSPACE shop TO reader")
    session.set_keyspace("shop")
    session.execute("CREATE TYPE IF NOT EXISTS address (street text, zip int)")
    columns = ", ".join(f"{name} {kind}" for name, kind, _ in TYPES)
    session.execute(f"CREATE TABLE IF NOT EXISTS everything (id int PRIMARY KEY, {columns})")
    names, values = ", ".join(n for n, _, _ in TYPES), ", ".join(v for _, _, v in TYPES)
    session.execute(f"INSERT INTO everything (id, {names}) VALUES (1, {values})")
    session.execute("INSERT INTO everything (id) VALUES (2)")
    session.execute("CREATE TABLE IF NOT EXISTS written (id int PRIMARY KEY, t text)")
    session.execute(
        "CREATE TABLE IF NOT EXISTS events (device text, day date, at timestamp, seq int, kind text, value double,"
        " tags map<text, text>, note text static, PRIMARY KEY ((device, day), at, seq))"
        " WITH CLUSTERING ORDER BY (at DESC, seq ASC)"
    )
    insert = session.prepare(
        "INSERT INTO events (device, day, at, seq, kind, value, tags, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    start, futures = datetime.datetime(2026, 1, 1), []
    for n in range(6000):
        at = start + datetime.timedelta(minutes=n % 1440, milliseconds=n)
        device, tags = f"dev-{n // 1440}", {"fw": f"1.{n % 3}"} if n % 2 else None
        kind = "alarm" if n % 50 == 0 else "reading"
        row = (device, at.date(), at, n, kind, n / 8, tags, f"note of {device}")
        futures.append(session.execute_async(insert, row))
    for future in futures:
        future.result()


def length(value):
    """A duration as CQL writes it."""
    months, days, nanos = abs(value.months), abs(value.days), abs(value.nanoseconds)
    parts = [(months // 12, "y"), (months % 12, "mo"), (days, "d"), (nanos // 3600_000_000_000, "h")]
    parts += [(nanos // 60_000_000_000 % 60, "m"), (nanos // 1_000_000_000 % 60, "s")]
    parts += [(nanos // 1_000_000 % 1000, "ms"), (nanos // 1000 % 1000, "us"), (nanos % 1000, "ns")]
    return "".join(f"{n}{unit}" for n, unit in parts if n)


def words(value):
    """A value as it stands within another one, in JSON."""
    if value is None or isinstance(value, (bool, str, int, float)):
        return value
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    if isinstance(value, Duration):
        return length(value)
    if isinstance(value, (Date, Time, uuid.UUID)):
        return str(value)
    if isinstance(value, (OrderedMapSerializedKey, dict)):
        return {str(words(k)): words(v) for k, v in value.items()}
    if hasattr(value, "_asdict"):
        return {k: words(v) for k, v in value._asdict().items()}
    if isinstance(value, (list, tuple, set, frozenset, SortedSet)) or hasattr(value, "__iter__"):
        return [words(v) for v in value]
    raise TypeError(type(value))


def field(value):
    """A value as a field of CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex()
    value = words(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def table(result):
    """A result as CSV with its names."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(result.column_names or [])
    writer.writerows([field(value) for value in row] for row in result)
    return out.getvalue()


def main():
    """Connects over verified TLS and does what is asked."""
    port, ca, password, what, *rest = sys.argv[1:]
    context = ssl.create_default_context(cafile=ca)
    profile = ExecutionProfile(
        load_balancing_policy=WhiteListRoundRobinPolicy(["127.0.0.1"]), row_factory=tuple_factory, request_timeout=60
    )
    cluster = Cluster(
        ["127.0.0.1"],
        port=int(port),
        ssl_context=context,
        ssl_options={"server_hostname": "localhost"},
        auth_provider=PlainTextAuthProvider("cassandra", "cassandra"),
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        protocol_version=4,
        connect_timeout=20,
    )
    session = cluster.connect(*rest)
    if what == "setup":
        setup(session, password)
    else:
        print(json.dumps([table(session.execute(statement)) for statement in json.load(sys.stdin)]))
    cluster.shutdown()


main()
