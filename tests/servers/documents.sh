# A server that speaks MongoDB's wire, and what stands for AWS in front of it.
# shellcheck shell=bash

start_documents() {
  "$documents_python" tests/servers/documents_server.py --port "$DOCUMENTS_AWS" --mongo "$DOCUMENTS" --folder "$run" \
    --certificate "$run/server.pem" --key "$run/server.key" --ca "$run/ca.pem" --password "$test_password" &
  wait_until 120 "the document server" $! answers "http://127.0.0.1:$DOCUMENTS_AWS/clusters"
  "$documents_python" tests/servers/documents_iam.py --port "$DOCUMENTS_IAM" --mongo "$DOCUMENTS" \
    --certificate "$run/server.pem" --key "$run/server.key" --ca "$run/ca.pem" --password "$test_password" &
  wait_until 60 "the document server's IAM door" $! listens "$DOCUMENTS_IAM"
}
