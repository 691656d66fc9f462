# SQL Server's wire protocol over tables in files: pySQLbridge, with the run's certificate. It reads only.
# shellcheck shell=bash

# Listens on 127.0.0.1:$TDS.
start_tds() {
  local home=$run/tds
  mkdir -p "$home"
  cp tests/servers/tds/people.csv "$home/"
  printf '{"logins":[{"user":"sa","password":"%s"}],"tables":[{"name":"people","csv":"people.csv"}]}' \
    "$test_password" >"$home/config.json"
  (cd "$home" && exec "$tds_python" "$OLDPWD/tests/servers/tds/front.py" "$run/server.pem" "$run/server.key" \
    --host 127.0.0.1 --port "$TDS" --config config.json) &
  wait_until 60 "the TDS server" $! listens "$TDS"
}
