"""A door to the document server that takes MONGODB-AWS, which SecantusDB does not speak: DocumentDB's IAM login.

It ends TLS, verifies the signature of the login as STS would (the request is the one that MongoDB's specification
"Driver Authentication", section MONGODB-AWS, names), logs in to the server behind it as `guest`, and hands everything
else through unread. An access key is its account's number, as everywhere in these tests, and its secret is `test`.
"""

import argparse
import base64
import hashlib
import hmac
import os
import re
import socket
import ssl
import struct
import threading

import bson

BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
HOST = "sts.amazonaws.com"
SECRET = "test"
OP_MSG = 2013


def receive(stream, size):
    data = b""
    while len(data) < size:
        more = stream.recv(size - len(data))
        if not more:
            raise ConnectionError("closed")
        data += more
    return data


def message(stream):
    """One message of the wire: its id, its operation and its bytes, header included."""
    header = receive(stream, 16)
    length, number, _, operation = struct.unpack("<iiii", header)
    return number, operation, header + receive(stream, length - 16)


def document(data):
    """The document of an OP_MSG of one section; None of anything else."""
    return bson.decode(data[21:]) if data[20] == 0 else None


def written(answer, reply_to):
    body = b"\0\0\0\0\0" + bson.encode(answer)
    return struct.pack("<iiii", 16 + len(body), 1, reply_to, OP_MSG) + body


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signed(headers, date, region):
    """The signature that the account's owner makes of these headers."""
    names = ";".join(sorted(headers))
    canonical = "\n".join(["POST", "/", "", *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names,
                           hashlib.sha256(BODY).hexdigest()])
    scope = f"{date[:8]}/{region}/sts/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = mac(key, part)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def is_genuine(said, nonce):
    """Whether the client's last word proves that it holds the secret of the key that it names."""
    asked = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(\d+)/\d{8}/([a-z0-9-]+)/sts/aws4_request, ?"
                         r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})", said["a"])
    if asked is None:
        return False
    headers = {"content-length": str(len(BODY)), "content-type": "application/x-www-form-urlencoded", "host": HOST,
               "x-amz-date": said["d"], "x-mongodb-gs2-cb-flag": "n",
               "x-mongodb-server-nonce": base64.b64encode(nonce).decode()}
    if "t" in said:
        headers["x-amz-security-token"] = said["t"]
    return asked[3] == ";".join(sorted(headers)) and hmac.compare_digest(asked[4], signed(headers, said["d"], asked[2]))


def ask(stream, command):
    body = b"\0\0\0\0\0" + bson.encode(command)
    stream.sendall(struct.pack("<iiii", 16 + len(body), 1, 0, OP_MSG) + body)
    return document(message(stream)[2])


def log_in(stream, user, password):
    """SCRAM-SHA-256 (RFC 5802) with the server behind."""
    first = f"n={user},r={base64.b64encode(os.urandom(18)).decode()}"
    answer = ask(stream, {"saslStart": 1, "mechanism": "SCRAM-SHA-256", "payload": ("n,," + first).encode(), "$db": "admin"})
    said = answer["payload"].decode()
    parts = dict(part.split("=", 1) for part in said.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
    bare = f"c=biws,r={parts['r']}"
    client = mac(salted, "Client Key")
    proof = mac(hashlib.sha256(client).digest(), f"{first},{said},{bare}")
    final = f"{bare},p={base64.b64encode(bytes(a ^ b for a, b in zip(client, proof))).decode()}"
    while not answer["done"]:
        answer = ask(stream, {"saslContinue": 1, "conversationId": answer["conversationId"], "payload": final.encode(),
                              "$db": "admin"})
        final = ""


def talk(near, far, password):
    """Answers the login here and hands the rest on, a message and its answer at a time."""
    nonce = b""
    while True:
        number, operation, data = message(near)
        said = document(data) if operation == OP_MSG else None
        if said and said.get("mechanism") == "MONGODB-AWS":
            nonce = bson.decode(said["payload"])["r"] + os.urandom(32)
            near.sendall(written({"ok": 1, "conversationId": 1, "done": False,
                                  "payload": bson.encode({"s": nonce, "h": HOST})}, number))
        elif said and "saslContinue" in said and nonce:
            if is_genuine(bson.decode(said["payload"]), nonce):
                log_in(far, "guest", password)
                near.sendall(written({"ok": 1, "conversationId": 1, "done": True, "payload": b""}, number))
            else:
                near.sendall(written({"ok": 0, "code": 18, "codeName": "AuthenticationFailed",
                                      "errmsg": "Authentication failed."}, number))
        else:
            far.sendall(data)
            near.sendall(message(far)[2])


def serve(near, inside, far, password):
    try:
        with inside.wrap_socket(near, server_side=True) as near, far() as far:
            talk(near, far, password)
    except (OSError, ConnectionError):
        pass


def main():
    parser = argparse.ArgumentParser()
    for name in ("port", "mongo", "certificate", "key", "ca", "password"):
        parser.add_argument(f"--{name}", required=True)
    asked = parser.parse_args()
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(asked.certificate, asked.key)
    outside = ssl.create_default_context(cafile=asked.ca)

    def far():
        return outside.wrap_socket(socket.create_connection(("127.0.0.1", int(asked.mongo))), server_hostname="localhost")

    with socket.create_server(("127.0.0.1", int(asked.port))) as door:
        while True:
            near, _ = door.accept()
            threading.Thread(target=serve, args=(near, inside, far, asked.password), daemon=True).start()


main()
