# PostgreSQL: a primary and a streaming replica, TLS only, passwords by SCRAM.
# Roles: postgres (superuser), reader (may only read), replicator. Database: shop.
# shellcheck shell=bash

# The newest server's folder of programs, or nothing.
postgres_folder() {
  local found
  found=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] || found=$(command -v initdb || true)
  [ -z "$found" ] || dirname "$(readlink -f "$found")"
}

start_postgres() {
  local bin home=$run/postgres
  bin=$(postgres_folder)
  folder_for postgres "$home"
  certificate_for postgres "$home"
  printf '%s\n' "$test_password" >"$home/password"
  chmod 644 "$home/password"
  (as_user postgres "$bin/initdb" -D "$home/primary" -U postgres -A scram-sha-256 --pwfile="$home/password" \
    -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions)
  (as_user postgres tee "$home/primary/pg_hba.conf" >/dev/null) <<HBA
hostssl all         all        127.0.0.1/32 scram-sha-256
hostssl replication replicator 127.0.0.1/32 scram-sha-256
HBA
  serve_postgres postgres "$home/primary" "$POSTGRES"
  as_superuser postgres <<SQL
CREATE ROLE replicator LOGIN REPLICATION PASSWORD '$test_password';
CREATE ROLE reader LOGIN PASSWORD '$test_password';
GRANT pg_read_all_data TO reader;
CREATE DATABASE shop;
SQL
  (export PGPASSWORD=$test_password PGSSLROOTCERT=$run/ca.pem
    as_user postgres "$bin/pg_basebackup" -R -X stream -c fast --no-sync -D "$home/replica" \
      -d "host=127.0.0.1 port=$POSTGRES user=replicator sslmode=verify-full password=$test_password")
  serve_postgres postgres-replica "$home/replica" "$REPLICA"
}

# serve_postgres NAME DATA PORT: starts one server and waits until it takes statements.
serve_postgres() {
  local settings=(
    listen_addresses=127.0.0.1 unix_socket_directories=
    ssl=on "ssl_cert_file=$home/server.pem" "ssl_key_file=$home/server.key"
    wal_level=replica hot_standby=on max_connections=60 shared_buffers=32MB
    fsync=off synchronous_commit=off # a run's data need not outlive it
    log_min_messages=fatal
  )
  # shellcheck disable=SC2046
  (as_user postgres "$bin/postgres" -D "$2" -p "$3" $(printf -- '-c %s ' "${settings[@]}")) &
  wait_until 60 "$1" $! "$bin/pg_isready" -q -h 127.0.0.1 -p "$3"
}

# as_superuser DATABASE: runs the SQL on stdin.
as_superuser() {
  PGPASSWORD=$test_password PGSSLROOTCERT=$run/ca.pem "$bin/psql" -q -X -v ON_ERROR_STOP=1 \
    "host=127.0.0.1 port=$POSTGRES user=postgres dbname=$1 sslmode=verify-full"
}
