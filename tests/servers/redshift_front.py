"""Redshift in front of ministack, which has none: what dbdeck asks of its control plane, and a Data API that really
runs the SQL on the run's PostgreSQL.

An account whose number starts with 4 has one cluster, `warehouse`, and one workgroup, `adhoc`, both answered for by
that PostgreSQL; every other account has none. A statement lives as AWS documents it: SUBMITTED, PICKED, STARTED, then
FINISHED, FAILED or ABORTED; questions wait on the server when asked to; rows come in pages; a session is one
connection that takes one statement at a time; cancelling is pg_cancel_backend. Who logs in is `reader`, the user that
is named, or the user of a secret, whose password is read from ministack and has to be right. GET /_redshift/ACCOUNT
shows every statement that reached the server.
"""

import asyncio
import json
import os
import re
import threading
import time
import urllib.error
import urllib.request
import uuid

import psycopg2
import psycopg2.extras

PAGE = 2000
OPEN_ENDED = ("SUBMITTED", "PICKED", "STARTED")
TYPES = {16: "bool", 20: "int8", 21: "int2", 23: "int4", 25: "varchar", 114: "super", 3802: "super", 700: "float4",
         701: "float8", 1042: "bpchar", 1043: "varchar", 1082: "date", 1114: "timestamp", 1184: "timestamptz",
         1700: "numeric"}


class Refused(Exception):
    """A request that AWS would refuse: its code and words."""

    def __init__(self, code, words):
        super().__init__(words)
        self.code, self.words = code, words


class Session:
    """One connection to the server."""

    def __init__(self, connection):
        self.id, self.connection, self.lock = str(uuid.uuid4()), connection, threading.Lock()
        self.running = None


class Statement:
    """One statement and what became of it."""

    def __init__(self, sql, session):
        self.id, self.sql, self.session = str(uuid.uuid4()), sql, session
        self.status, self.error, self.rows, self.columns, self.affected = "SUBMITTED", None, [], None, -1
        self.cancelled, self.over, self.began, self.took = False, threading.Event(), time.monotonic(), None

    def run(self):
        """Runs it to its end, in a thread of its own."""
        try:
            self.status = "PICKED"
            cursor = self.session.connection.cursor()
            self.status = "STARTED"
            if self.cancelled:
                raise psycopg2.extensions.QueryCanceledError("cancelled before it started")
            cursor.execute(self.sql)
            if cursor.description:
                self.columns = [(c.name, c.type_code) for c in cursor.description]
                self.rows = cursor.fetchall()
            else:
                self.affected = cursor.rowcount
            self.status = "FINISHED"
        except psycopg2.extensions.QueryCanceledError as error:
            self.status, self.error = "ABORTED" if self.cancelled else "FAILED", str(error)
        except psycopg2.Error as error:
            self.status = "FAILED"
            position = error.diag.statement_position
            self.error = f"ERROR: {error.diag.message_primary or error}" + (f"\n  Position: {position}" if position else "")
        finally:
            self.took = time.monotonic() - self.began
            self.session.running = None
            self.over.set()

    def cancel(self):
        self.cancelled = True
        self.session.connection.cancel()


class Data:
    """The Data API of one account."""

    def __init__(self, account, port, password):
        self.account, self.port, self.password, self.lock = account, port, password, threading.Lock()
        self.sessions, self.statements, self.tokens, self.log = {}, {}, {}, []

    def connect(self, ask):
        user, password = ask.get("DbUser", "reader"), self.password
        if "SecretArn" in ask:
            if "DbUser" in ask:
                raise Refused("ValidationException", "DbUser and SecretArn cannot be used together.")
            user, password = secret(self.account, ask["SecretArn"])
        try:
            connection = psycopg2.connect(host="127.0.0.1", port=self.port, user=user, password=password,
                                          dbname="shop", sslmode="require")
        except psycopg2.OperationalError as error:
            raise Refused("ValidationException", str(error)) from error
        connection.autocommit = True
        for register in (psycopg2.extras.register_default_json, psycopg2.extras.register_default_jsonb):
            register(conn_or_curs=connection, loads=lambda text: text)
        return Session(connection)

    def execute(self, ask):
        with self.lock:
            token = ask.get("ClientToken")
            if token and token in self.tokens:
                return self.describe({"Id": self.tokens[token]})
            if "SessionId" in ask:
                session = self.sessions.get(ask["SessionId"])
                if session is None:
                    raise Refused("ResourceNotFoundException", "Session does not exist.")
                if session.running:
                    raise Refused("ValidationException", "Session is busy.")
            else:
                known = ask.get("ClusterIdentifier") == "warehouse" or ask.get("WorkgroupName") == "adhoc"
                if not known or "Database" not in ask:
                    raise Refused("ValidationException", "Redshift endpoint doesn't exist in this region.")
                session = self.connect(ask)
                if ask.get("SessionKeepAliveSeconds"):
                    self.sessions[session.id] = session
            statement = Statement(ask["Sql"], session)
            session.running = statement
            self.statements[statement.id] = statement
            self.log.append({"sql": ask["Sql"], "session": session.id})
            if token:
                self.tokens[token] = statement.id
        threading.Thread(target=statement.run, daemon=True).start()
        if ask.get("WaitTimeSeconds"):
            statement.over.wait(ask["WaitTimeSeconds"])
        kept = session.id if session.id in self.sessions else None
        return {"Id": statement.id, "Status": statement.status, **({"SessionId": kept} if kept else {})}

    def find(self, ask):
        statement = self.statements.get(ask.get("Id"))
        if statement is None:
            raise Refused("ResourceNotFoundException", "Query does not exist.")
        return statement

    def describe(self, ask):
        statement = self.find(ask)
        if ask.get("WaitTimeSeconds"):
            statement.over.wait(ask["WaitTimeSeconds"])
        took = statement.took if statement.took is not None else time.monotonic() - statement.began
        answer = {"Id": statement.id, "Status": statement.status, "Duration": int(took * 1e9),
                  "HasResultSet": statement.columns is not None, "QueryString": statement.sql,
                  "ResultRows": len(statement.rows) if statement.columns else statement.affected, "ResultSize": 0}
        if statement.error:
            answer["Error"] = statement.error
        return answer

    def result(self, ask):
        statement = self.find(ask)
        if statement.status != "FINISHED" or statement.columns is None:
            raise Refused("ResourceNotFoundException", "Query does not have result.")
        start = int(ask.get("NextToken", 0))
        page = statement.rows[start:start + PAGE]
        answer = {"Records": [[field(cell) for cell in row] for row in page], "TotalNumRows": len(statement.rows),
                  "ColumnMetadata": [{"name": name, "label": name, "typeName": TYPES.get(code, "varchar")}
                                     for name, code in statement.columns]}
        if start + PAGE < len(statement.rows):
            answer["NextToken"] = str(start + PAGE)
        return answer

    def cancel(self, ask):
        statement = self.find(ask)
        if statement.status not in OPEN_ENDED:
            raise Refused("ValidationException", f"Could not cancel a query that is already in {statement.status} state.")
        statement.cancel()
        return {"Status": True}


def secret(account, name):
    """User and password of a secret of the account, as ministack keeps it."""
    scope = f"Credential={account}/20260101/us-east-1/secretsmanager/aws4_request"
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue",
               "authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}
    url = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}/"
    request = urllib.request.Request(url, json.dumps({"SecretId": name}).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            kept = json.loads(json.loads(answer.read())["SecretString"])
    except urllib.error.HTTPError as error:
        raise Refused("ValidationException", f"Secrets Manager: {error.read().decode()}") from error
    return kept["username"], kept["password"]


def field(cell):
    if cell is None:
        return {"isNull": True}
    if isinstance(cell, bool):
        return {"booleanValue": cell}
    if isinstance(cell, int):
        return {"longValue": cell}
    if isinstance(cell, float):
        return {"doubleValue": cell}
    return {"stringValue": str(cell)}


def serverless(operation, ask, port):
    """The part of Redshift Serverless that a fleet asks for."""
    endpoint = {"address": "localhost", "port": port}
    arn = "arn:aws:redshift-serverless:us-east-1:123456789012"
    workgroup = {"workgroupName": "adhoc", "workgroupArn": f"{arn}:workgroup/adhoc", "namespaceName": "analytics",
                 "status": "AVAILABLE", "baseCapacity": 32, "maxCapacity": 128, "endpoint": endpoint,
                 "publiclyAccessible": False}
    namespace = {"namespaceName": "analytics", "namespaceArn": f"{arn}:namespace/analytics", "status": "AVAILABLE",
                 "dbName": "shop"}
    answers = {
        "ListWorkgroups": {"workgroups": [workgroup]},
        "ListNamespaces": {"namespaces": [namespace]},
        "GetWorkgroup": {"workgroup": workgroup},
        "GetNamespace": {"namespace": namespace},
        "ListUsageLimits": {"usageLimits": []},
        "ListTagsForResource": {"tags": []},
        "ListSnapshots": {"snapshots": []},
        "ListRecoveryPoints": {"recoveryPoints": []},
    }
    if operation not in answers:
        raise Refused("ValidationException", f"{operation} is not there")
    return answers[operation]


def control_plane(action, port, password, has):
    """The part of Redshift's control plane that a fleet asks for, as XML."""
    inner = ""
    if action == "DescribeClusters":
        cluster = (
            "<Cluster><ClusterIdentifier>warehouse</ClusterIdentifier><ClusterStatus>available</ClusterStatus>"
            "<NodeType>ra3.large</NodeType><NumberOfNodes>2</NumberOfNodes><DBName>shop</DBName>"
            f"<Endpoint><Address>localhost</Address><Port>{port}</Port></Endpoint><Encrypted>true</Encrypted></Cluster>"
        )
        inner = f"<Clusters>{cluster if has else ''}</Clusters>"
    elif action == "GetClusterCredentialsWithIAM":
        inner = f"<DbUser>reader</DbUser><DbPassword>{password}</DbPassword>"
    name = f"{action}Result"
    return f'<{action}Response xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><{name}>{inner}</{name}></{action}Response>'


def in_front(app, port, password):
    """`app`, with Redshift answered here."""
    accounts = {}

    def answer(account, target, ask):
        service, operation = target.split(".", 1)
        has = account.startswith("4")
        if service == "RedshiftServerless":
            if not has:
                return {"ListWorkgroups": {"workgroups": []}, "ListNamespaces": {"namespaces": []}}.get(operation, {})
            if operation == "GetCredentials":
                return {"dbUser": "reader", "dbPassword": password}
            return serverless(operation, ask, port)
        data = accounts.setdefault(account, Data(account, port, password))
        calls = {"ExecuteStatement": data.execute, "DescribeStatement": data.describe,
                 "GetStatementResult": data.result, "CancelStatement": data.cancel}
        return calls[operation](ask)

    async def front(scope, receive, send):
        if scope["type"] != "http":
            return await app(scope, receive, send)
        headers = {k.decode().lower(): v.decode("latin-1") for k, v in scope["headers"]}
        scoped = re.search(r"Credential=(\d+)/\d+/[^/]+/([^/]+)/", headers.get("authorization", ""))
        account, service = scoped.groups() if scoped else ("", "")
        target = headers.get("x-amz-target", "")
        if scope["path"].startswith("/_redshift/"):
            data = accounts.get(scope["path"].rsplit("/", 1)[-1])
            return await reply(send, 200, json.dumps(data.log if data else []), "application/json")
        if not (target.startswith(("RedshiftData.", "RedshiftServerless.")) or service == "redshift"):
            return await app(scope, receive, send)
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        try:
            if service == "redshift" and not target:
                action = re.search(r"Action=(\w+)", body.decode()).group(1)
                return await reply(send, 200, control_plane(action, port, password, account.startswith("4")), "text/xml")
            text = json.dumps(await asyncio.to_thread(answer, account, target, json.loads(body or b"{}")))
            await reply(send, 200, text, "application/x-amz-json-1.1")
        except Refused as refused:
            text = json.dumps({"__type": refused.code, "message": refused.words})
            await reply(send, 400, text, "application/x-amz-json-1.1")

    return front


async def reply(send, status, text, kind):
    headers = [(b"content-type", kind.encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
