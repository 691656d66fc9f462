"""InfluxDB 2 by InfluxData's own client: sets a scene, and reads what dbdeck's answers are compared with.

usage: ask.py PORT CA TOKEN scene BUCKET       makes a bucket with readings; prints tokens that may only read
       ask.py PORT CA TOKEN read               rows of the Flux scripts on standard input (a JSON list), as JSON
       ask.py PORT CA TOKEN count BUCKET       how many points a bucket has
       ask.py PORT CA TOKEN organisation NAME  makes another organisation with a bucket `slow`
       ask.py PORT CA TOKEN active NAME        how many scripts of an organisation are executing
"""

import json
import math
import sys

from influxdb_client import Authorization, InfluxDBClient, Permission, PermissionResource
from influxdb_client.client.util import date_utils
from influxdb_client.client.write_api import SYNCHRONOUS

START = 1_763_683_200  # 2025-11-21T00:00:00Z


class AsSent(date_utils.DateHelper):
    """Times stay the server's own text: the client's would lose nanoseconds."""

    def parse_date(self, date_string):
        return date_string


def lines():
    for at in range(240):
        time = (START + at * 60) * 1_000_000_000
        for host, region, base in (("web-1", "eu", 40.0), ("web-2", "us", 61.5)):
            value = base + at % 17 * 1.25
            yield f'cpu,host={host},region={region} usage={value},ticks={at * 3}i,state="up {at}" {time}'
        yield f"disk,host=web-1 free={9_007_199_254_740_993 - at}i,full={'true' if at % 2 else 'false'} {time}"
    odd = 'text="a,\\"b\\" | c; 数据",big=18446744073709551615u,small=-1.5e-7'
    yield f"odd,kind=größe {odd} {START * 1_000_000_000 + 123_456_789}"
    yield f'odd,kind=plain text="",big=0u {(START + 1) * 1_000_000_000}'


def scene(client, bucket):
    org = client.organizations_api().find_organizations(org="acme")[0]
    made = client.buckets_api().create_bucket(bucket_name=bucket, org_id=org.id)
    with client.write_api(write_options=SYNCHRONOUS) as writer:
        writer.write(bucket=bucket, record=list(lines()))
    own = Permission(action="read", resource=PermissionResource(type="buckets", id=made.id, org_id=org.id))
    orgs = Permission(action="read", resource=PermissionResource(type="orgs", id=org.id))
    api = client.authorizations_api()
    tokens = [
        api.create_authorization(authorization=Authorization(org_id=org.id, permissions=permissions)).token
        for permissions in ([own, orgs], [own])
    ]
    print(json.dumps({"reads": tokens[0], "reads_bucket_alone": tokens[1]}))


def cell(value):
    """JSON has no infinities: they become the server's own words."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return value


def rows(client, script):
    tables = client.query_api().query(script)
    return [{name: cell(value) for name, value in record.values.items()} for table in tables for record in table.records]


def main():
    port, ca, token, verb, *rest = sys.argv[1:]
    date_utils.date_helper = AsSent()
    with InfluxDBClient(url=f"https://localhost:{port}", token=token, org="acme", ssl_ca_cert=ca, timeout=60_000) as client:
        if verb == "scene":
            scene(client, rest[0])
        elif verb == "read":
            print(json.dumps([rows(client, script) for script in json.load(sys.stdin)]))
        elif verb == "count":
            script = f'from(bucket: "{rest[0]}") |> range(start: 0) |> toString() |> group() |> count()'
            print(sum(row["_value"] for row in rows(client, script)))
        elif verb == "organisation":
            made = client.organizations_api().create_organization(name=rest[0])
            client.buckets_api().create_bucket(bucket_name="slow", org_id=made.id)
        elif verb == "active":
            org = client.organizations_api().find_organizations(org=rest[0])[0]
            metrics = client.api_client.rest_client.pool_manager.request("GET", f"https://localhost:{port}/metrics")
            active = [
                line.rsplit(" ", 1)[1]
                for line in metrics.data.decode().splitlines()
                if line.startswith("qc_executing_active{") and org.id in line
            ]
            print(int(sum(map(float, active))))


main()
