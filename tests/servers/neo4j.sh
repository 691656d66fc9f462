# Neo4j Community over HTTP: the openCypher of the tests, behind the front of Neptune's data plane.
# shellcheck shell=bash

prepare_neo4j() { neo4j_home=$(fetched neo4j Neo4j); }

# Listens on 127.0.0.1:$NEO4J.
start_neo4j() {
  local home=$run/neo4j inside options=()
  mkdir -p "$home/conf"
  sed "s/PORT/$NEO4J/" tests/servers/neo4j/neo4j.conf >"$home/conf/neo4j.conf"
  # Its own start script opens the same.
  for inside in java.nio java.io sun.nio.ch java.util.concurrent java.lang; do
    options+=(--add-opens "java.base/$inside=ALL-UNNAMED")
  done
  (exec java -Xms128m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "${options[@]}" -cp "$neo4j_home/lib/*" \
    org.neo4j.server.CommunityEntryPoint --home-dir="$home" --config-dir="$home/conf") &
  wait_until 180 Neo4j $! "$python" tests/servers/cypher_front.py "$NEO4J" "RETURN 1"
}
