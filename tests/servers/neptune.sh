# Neptune's data plane: what differs from Gremlin Server and Neo4j, in front of them; and Oxigraph, whose SPARQL has
# Neptune's path and form.
# shellcheck shell=bash

start_neptune() {
  "$model_python" tests/servers/neptune_front.py --port "$NEPTUNE" --gremlin "$GREMLIN" \
    --neo4j "$NEO4J" --oxigraph "$OXIGRAPH" --tls "$NEPTUNE_TLS" --certificate "$run/server.pem" --key "$run/server.key" &
  wait_until 60 "the front of Gremlin Server" $! answers "http://127.0.0.1:$NEPTUNE/_front/calls"
}

start_oxigraph() {
  "$(dirname "$gremlin_python")/oxigraph" serve --bind "127.0.0.1:$OXIGRAPH" &
  wait_until 60 "Oxigraph" $! answers "http://127.0.0.1:$OXIGRAPH/"
}
