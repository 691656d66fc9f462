# Neptune's data plane: what differs from Gremlin Server, in front of it.
# shellcheck shell=bash

start_neptune() {
  "$model_python" tests/servers/neptune_front.py --port "$NEPTUNE" --gremlin "$GREMLIN" &
  wait_until 60 "the front of Gremlin Server" $! answers "http://127.0.0.1:$NEPTUNE/_front/calls"
}
