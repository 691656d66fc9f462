# Apache TinkerPop's Gremlin Server over HTTP: graphs modern (also `g`), grateful and scratch (empty, may be written).
# shellcheck shell=bash

# Sets `gremlin_home` to the folder with the server's jars, fetched once with Maven.
prepare_gremlin() {
  local pom=tests/servers/gremlin/pom.xml
  gremlin_home=$cache/gremlin/$(sha256sum <"$pom" | cut -c1-12)
  [ -f "$gremlin_home/ready" ] && return 0
  say "fetching Gremlin Server with Maven"
  rm -rf "$gremlin_home"
  mvn -q -B -f "$pom" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$gremlin_home/lib" >&2
  touch "$gremlin_home/ready"
}

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
