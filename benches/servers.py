"""What the figures are taken against: a control plane that pages as AWS does and counts its calls, and the
rows of a real PostgreSQL that the caller has started."""

import collections
import glob
import http.server
import json
import os
import shutil
import subprocess
import threading
import urllib.parse
import urllib.request

INSTANCES, TABLES, PAGE = 500, 1_000, 100
ROWS = 1_000_000
BIG = f"""
drop table if exists big;
create table big as select g as id, ((g::bigint*7919)%100000)::int as customer_id,
  'user'||g||'@example.com' as email, md5(g::text) as token, ((g%100000)/100.0)::numeric(12,2) as amount,
  (array['new','paid','shipped','returned'])[1+g%4] as status,
  timestamp '2024-01-01' + g*interval '7 seconds' as created_at, (g%3=0) as flag, random() as score,
  'note '||left(md5((g::bigint*3)::text),20) as note from generate_series(1,{ROWS}) g;
alter table big add primary key(id);
vacuum analyze big;
alter database shop set synchronize_seqscans = off;
"""


def psql():
    """The program itself: Debian's `psql` is a script that takes 30 ms to find it."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))
    return found[-1] if found else shutil.which("psql")


class Database:
    """The PostgreSQL of the test servers, with the rows."""

    def __init__(self):
        self.port = os.environ["DBDECK_TEST_POSTGRES"].rsplit(":", 1)[1]
        self.ca = os.environ["DBDECK_TEST_CA"]
        self.password = os.environ["DBDECK_TEST_PASSWORD"]
        self.env = {"PGPASSWORD": self.password, "PGSSLROOTCERT": self.ca, "PGSSLMODE": "verify-full",
                    "PGHOST": "localhost", "PGPORT": self.port, "PGUSER": "postgres", "PGDATABASE": "shop"}
        subprocess.run([psql(), "-qX"], input=BIG.encode(), check=True, env={**os.environ, **self.env},
                       stderr=subprocess.DEVNULL)


def instance(number, port):
    """One DB instance as DescribeDBInstances tells it."""
    name = f"db-{number:04}"
    return (f"<DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier>"
            "<DBInstanceClass>db.r6g.large</DBInstanceClass><Engine>postgres</Engine>"
            "<EngineVersion>15.4</EngineVersion><DBInstanceStatus>available</DBInstanceStatus>"
            "<MasterUsername>postgres</MasterUsername><DBName>shop</DBName>"
            f"<Endpoint><Address>localhost</Address><Port>{port}</Port></Endpoint>"
            "<AllocatedStorage>100</AllocatedStorage><StorageType>gp3</StorageType><MultiAZ>true</MultiAZ>"
            "<AvailabilityZone>eu-west-1a</AvailabilityZone><BackupRetentionPeriod>7</BackupRetentionPeriod>"
            "<StorageEncrypted>true</StorageEncrypted><DeletionProtection>true</DeletionProtection>"
            "<CACertificateIdentifier>rds-ca-rsa2048-g1</CACertificateIdentifier>"
            f"<DbiResourceId>db-{number:026}</DbiResourceId>"
            f"<DBInstanceArn>arn:aws:rds:eu-west-1:123456789012:db:{name}</DBInstanceArn></DBInstance>")


def graph_cluster(endpoint, account, name):
    """Makes a Neptune cluster of one instance at the control plane of the tests, which takes the account from the key's
    id and does not check signatures."""
    scope = f"{account}/20260101/us-east-1/rds/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
               "Content-Type": "application/x-www-form-urlencoded"}
    for action, more in (("CreateDBCluster", {}),
                         ("CreateDBInstance", {"DBInstanceIdentifier": f"{name}-1", "DBInstanceClass": "db.r6g.large"})):
        asked = {"Action": action, "Version": "2014-10-31", "Engine": "neptune", "DBClusterIdentifier": name, **more}
        body = urllib.parse.urlencode(asked).encode()
        urllib.request.urlopen(urllib.request.Request(endpoint, body, headers)).read()


class ControlPlane:
    """RDS and DynamoDB of one size over HTTP on loopback; everything else is refused as unknown."""

    def __init__(self, instances, tables, port):
        self.calls = collections.Counter()
        self.instances, self.tables, self.port = instances, tables, port
        plane = self

        class Answers(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                target = self.headers.get("x-amz-target", "")
                if "cbor" in self.headers.get("content-type", ""):
                    status, kind, data = plane.cbor(self.path)
                elif target:
                    status, kind, data = plane.json(target, body)
                else:
                    status, kind, data = plane.query(body.decode())
                self.send_response(status)
                self.send_header("content-type", kind)
                if kind == "application/cbor":
                    self.send_header("smithy-protocol", "rpc-v2-cbor")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def query(self, body):
        """A call of the Query protocol."""
        asked = dict(urllib.parse.parse_qsl(body))
        action = asked.get("Action", "?")
        self.calls[action] += 1
        inner = ""
        if action == "DescribeDBInstances":
            start, size = int(asked.get("Marker", 0)), min(int(asked.get("MaxRecords", PAGE)), PAGE)
            end = min(start + size, self.instances)
            rows = "".join(instance(i, self.port) for i in range(start, end))
            marker = f"<Marker>{end}</Marker>" if end < self.instances else ""
            inner = f"<DBInstances>{rows}</DBInstances>{marker}"
        elif action == "GetCallerIdentity":
            inner = ("<Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDA</UserId>"
                     "<Account>123456789012</Account>")
        return 200, "text/xml", (f"<{action}Response><{action}Result>{inner}</{action}Result>"
                                 f"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>").encode()

    def cbor(self, path):
        """A call of CloudWatch: no samples."""
        self.calls[path.rsplit("/", 1)[-1]] += 1
        return 200, "application/cbor", b"\xa1\x71MetricDataResults\x80"

    def json(self, target, body):
        """A call of the JSON protocol."""
        action, asked = target.rsplit(".", 1)[-1], json.loads(body or "{}")
        self.calls[action] += 1
        kind = "application/x-amz-json-1.0"
        names = [f"table-{i:04}" for i in range(self.tables)]
        if action == "ListTables":
            after = asked.get("ExclusiveStartTableName")
            start = names.index(after) + 1 if after else 0
            page = names[start:start + min(asked.get("Limit", PAGE), PAGE)]
            more = {"LastEvaluatedTableName": page[-1]} if start + len(page) < len(names) else {}
            return 200, kind, json.dumps({"TableNames": page, **more}).encode()
        if action == "DescribeTable":
            name = asked["TableName"].rsplit("/", 1)[-1]
            return 200, kind, json.dumps({"Table": {
                "TableName": name, "TableStatus": "ACTIVE", "ItemCount": 1000, "TableSizeBytes": 1 << 20,
                "TableArn": f"arn:aws:dynamodb:eu-west-1:123456789012:table/{name}", "CreationDateTime": 1.7e9,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
                "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}}}).encode()
        return 400, kind, json.dumps({"__type": "com.amazon.coral.service#UnknownOperationException"}).encode()
