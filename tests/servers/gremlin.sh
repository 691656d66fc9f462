# Apache TinkerPop's Gremlin Server over HTTP: graphs modern (also `g`), grateful and scratch (empty, may be written).
# shellcheck shell=bash

prepare_gremlin() { gremlin_home=$(fetched gremlin "Gremlin Server"); }

# Listens on 127.0.0.1:$GREMLIN.
start_gremlin() {
  local home=$run/gremlin
  mkdir -p "$home"
  cp tests/servers/gremlin/graph.properties tests/servers/gremlin/sources.groovy "$home/"
  sed "s/PORT/$GREMLIN/" tests/servers/gremlin/server.yaml >"$home/server.yaml"
  (cd "$home" && exec java -Xms64m -Xmx512m -XX:TieredStopAtLevel=1 \
    --add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED \
    --add-opens=java.base/java.lang=ALL-UNNAMED -cp "$gremlin_home/lib/*" \
    org.apache.tinkerpop.gremlin.server.GremlinServer server.yaml) &
  wait_until 120 "Gremlin Server" $! answers "http://127.0.0.1:$GREMLIN/gremlin?gremlin=g.V().count()"
}
