# InfluxDB 1, whose InfluxQL and `/query` versions 2 and 3 of Timestream for InfluxDB keep.
# shellcheck shell=bash

start_influx() {
  local d=$run/influx
  mkdir -p "$d"
  cat >"$d/config" <<CONFIG
reporting-disabled = true
bind-address = "127.0.0.1:$INFLUX_BACKUP"
[meta]
  dir = "$d/meta"
[data]
  dir = "$d/data"
  wal-dir = "$d/wal"
[http]
  bind-address = "127.0.0.1:$INFLUX"
  https-enabled = true
  https-certificate = "$run/server.pem"
  https-private-key = "$run/server.key"
  log-enabled = false
[monitor]
  store-enabled = false
CONFIG
  influxd run -config "$d/config" &
  wait_until 60 "InfluxDB" $! curl -fsS --cacert "$run/ca.pem" "https://localhost:$INFLUX/ping"
}
