"""Starts ministack, an AWS control plane, in front of the test run's own database servers.

Two things differ from ministack as it comes. It reports every PostgreSQL endpoint as port 5432 and every
MySQL endpoint as 3306, and cluster endpoints by names that lead nowhere; here they are the ports the run
chose, so that "describe, connect, query" is one unbroken path. And its RDS Data API runs SQL only on
databases it started itself in containers, answers nobody else meanwhile, and knows no types; here it runs on
those same servers, each statement in a thread of its own, and answers in the shapes of AWS's API reference.
Redshift, which it lacks, is put in front of it by redshift_front.py.

usage: ministack_front.py --port N --postgres N --replica N --mysql N --mariadb N --tds N
"""

import argparse
import asyncio
import base64
import datetime
import os


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True, help="where ministack listens, on loopback")
    parser.add_argument("--postgres", type=int, required=True, help="port of the PostgreSQL primary")
    parser.add_argument("--replica", type=int, required=True, help="port of its streaming replica")
    parser.add_argument("--mysql", type=int, required=True, help="port of MySQL 8")
    parser.add_argument("--mariadb", type=int, required=True, help="port of MariaDB, also for Aurora MySQL")
    parser.add_argument("--tds", type=int, required=True, help="port of SQL Server")
    return parser.parse_args()


def point_at_real_servers(ports: argparse.Namespace) -> None:
    """Replaces the few functions of ministack that decide where a database is."""
    from ministack.services import rds, rds_data

    def port_of(engine: str) -> str:
        if engine == "mysql":
            return str(ports.mysql)
        if "sqlserver" in engine:
            return str(ports.tds)
        return str(ports.mariadb if "mysql" in engine or "mariadb" in engine else ports.postgres)

    instance_xml, cluster_xml = rds._instance_xml, rds._cluster_xml

    def instance_with_endpoint(instance: dict) -> str:
        source = instance.get("ReadReplicaSourceDBInstanceIdentifier")
        if source and "postgres" in instance["Engine"]:
            endpoint = {**instance.get("Endpoint", {}), "Address": "localhost", "Port": ports.replica}
            instance = {**instance, "Endpoint": endpoint}
        return instance_xml(instance)

    def cluster_with_endpoint(cluster: dict) -> str:
        return cluster_xml({**cluster, "Endpoint": "localhost", "ReaderEndpoint": "localhost"})

    rds._default_port = port_of
    rds._instance_xml = instance_with_endpoint
    rds._cluster_xml = cluster_with_endpoint
    # A machine with a container engine must behave like one without.
    rds._get_docker = lambda: None
    rds_data._has_real_endpoint = lambda instance: True
    answer = rds_data.handle_request

    async def answer_apart(*request):
        return await asyncio.to_thread(lambda: asyncio.run(answer(*request)))

    rds_data.handle_request = answer_apart
    field, metadata = rds_data._field_value, rds_data._column_metadata

    def typed_field(value, type_name=None):
        if isinstance(value, memoryview):
            return {"blobValue": base64.b64encode(bytes(value)).decode()}
        if isinstance(value, list):
            return {"arrayValue": array(value)}
        if isinstance(value, datetime.datetime) and value.tzinfo:
            return {"stringValue": str(value.astimezone(datetime.timezone.utc).replace(tzinfo=None))}
        return field(value, type_name)

    def named_columns(description, engine):
        columns = metadata(description, engine)
        if "postgres" in engine:
            for column, about in zip(columns, description or []):
                column["typeName"] = POSTGRES_TYPES.get(about[1], "text")
        return columns

    rds_data._field_value, rds_data._column_metadata = typed_field, named_columns


def array(values: list) -> dict:
    """One level of an array; AWS gives no more, and no nulls in it."""
    for kind, member in ((bool, "booleanValues"), (int, "longValues"), (float, "doubleValues")):
        if values and all(isinstance(value, kind) for value in values):
            return {member: values}
    return {"stringValues": [str(value) for value in values]}


# The types that tests ask for, by OID.
POSTGRES_TYPES = {
    16: "bool", 17: "bytea", 20: "int8", 21: "int2", 23: "int4", 25: "text", 114: "json", 700: "float4",
    701: "float8", 1007: "_int4", 1009: "_text", 1043: "varchar", 1082: "date", 1114: "timestamp",
    1184: "timestamptz", 1700: "numeric", 2950: "uuid", 3802: "jsonb",
}  # fmt: skip


def main() -> None:
    arguments = parse_arguments()
    # By itself ministack listens on every interface.
    os.environ["BIND_HOST"] = "127.0.0.1"
    os.environ["GATEWAY_PORT"] = str(arguments.port)
    os.environ.setdefault("MINISTACK_ACCOUNT_ID", "123456789012")
    import sys

    sys.argv = sys.argv[:1]
    point_at_real_servers(arguments)
    from ministack import app as ministack
    import cache_front
    from redshift_front import in_front

    ministack.app = in_front(ministack.app, arguments.postgres, os.environ["DBDECK_TEST_PASSWORD"])
    ministack.app = cache_front.in_front(ministack.app)
    ministack.main()


if __name__ == "__main__":
    main()
