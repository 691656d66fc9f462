# Apache Cassandra 5 over TLS: superuser `cassandra`, and `reader`, who may only read.
# shellcheck shell=bash

prepare_cassandra() { cassandra_home=$(fetched cassandra "Apache Cassandra"); }

# Listens on 127.0.0.1:$CASSANDRA, and between its nodes, of which there is one, on $CASSANDRA_INTERNAL.
start_cassandra() {
  local home=$run/cassandra inside jamm options=()
  mkdir -p "$home"
  # Under the name of Keyspaces' endpoint too: that is the name that must be verified, tunnel or not.
  openssl x509 -req -in "$run/server.csr" -CA "$run/ca.pem" -CAkey "$run/ca.key" -days 2 -out "$home/server.pem" \
    -extfile <(echo 'subjectAltName=DNS:localhost,DNS:cassandra.us-east-1.amazonaws.com,IP:127.0.0.1') 2>/dev/null
  openssl pkcs12 -export -in "$home/server.pem" -inkey "$run/server.key" -passout "pass:$test_password" \
    -out "$home/keystore.p12"
  sed -e "s#FOLDER#$home#; s/\bPORT\b/$CASSANDRA/; s/INTERNAL/$CASSANDRA_INTERNAL/; s/PASSWORD/$test_password/" \
    tests/servers/cassandra/cassandra.yaml >"$home/cassandra.yaml"
  # Cassandra reaches into the JDK: its own start script opens the same.
  for inside in java.base/jdk.internal.misc java.management/com.sun.jmx.remote.security java.rmi/sun.rmi.registry \
    java.rmi/sun.rmi.server java.sql/java.sql java.base/java.lang.ref java.base/jdk.internal.util; do
    options+=(--add-exports "$inside=ALL-UNNAMED")
  done
  for inside in java.base/java.lang java.base/java.lang.module java.base/java.lang.reflect java.base/java.io \
    java.base/java.net java.base/java.nio java.base/java.util java.base/java.util.concurrent \
    java.base/java.util.concurrent.atomic java.base/sun.nio.ch java.base/jdk.internal.loader java.base/jdk.internal.ref \
    java.base/jdk.internal.reflect java.base/jdk.internal.math java.base/jdk.internal.module \
    java.base/jdk.internal.util.jar jdk.management/com.sun.management.internal; do
    options+=(--add-opens "$inside=ALL-UNNAMED")
  done
  jamm=("$cassandra_home"/lib/jamm-*.jar)
  (exec java -Xms256m -Xmx768m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -javaagent:"${jamm[0]}" \
    -Djdk.attach.allowAttachSelf=true "${options[@]}" \
    -Dcassandra.config="file://$home/cassandra.yaml" -Dcassandra.storagedir="$home" -Dcassandra-foreground=yes \
    -Dlogback.configurationFile="file://$PWD/tests/servers/cassandra/logback.xml" \
    -Dcassandra.superuser_setup_delay_ms=0 -Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.ring_delay_ms=1 \
    -cp "$cassandra_home/lib/*" org.apache.cassandra.service.CassandraDaemon) &
  wait_until 180 Cassandra $! "$cassandra_python" tests/servers/cassandra/client.py \
    "$CASSANDRA" "$run/ca.pem" "$test_password" setup
}
