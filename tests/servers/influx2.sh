# InfluxDB 2, which version 2 of Timestream for InfluxDB runs: built from its module, as no package carries it.
# shellcheck shell=bash

influx2_version=v2.7.12
influx2_sum=h1:m25dUSO7h6nm3zFC4v/aCNeFFmnN/mlN/uPo1T63bmk=

# Sets `influx2` to the server, built once: its Flux is a Rust library, which its own pkg-config builds with cargo.
prepare_influx2() {
  local home=$cache/influx2/$influx2_version go source toolchain work
  influx2=$home/influxd
  [ ! -x "$influx2" ] || return 0
  say "building InfluxDB $influx2_version, once; this takes minutes"
  rm -rf "$home"
  mkdir -p "$home"
  go=$(find_go)
  work=$(mktemp -d "${TMPDIR:-/tmp}/dbdeck-influx2.XXXXXX")
  source=$(cd "$work" && GOTOOLCHAIN=local "$go" mod download -json "github.com/influxdata/influxdb/v2@$influx2_version" |
    "$python" -c 'import json, sys; it = json.load(sys.stdin); print(it["Dir"] if it["Sum"] == sys.argv[1] else "")' \
      "$influx2_sum")
  [ -n "$source" ] || die "InfluxDB $influx2_version is not what was pinned"
  # Flux asks rustup for a toolchain of its own; ours builds it as well.
  toolchain=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
  (
    rustc=$PWD/tests/servers/influx2/rustc
    cd "$source"
    unset CARGO_TARGET_DIR RUSTFLAGS
    export PATH=${go%/*}:$PATH GOTOOLCHAIN=local GOFLAGS='-mod=readonly -buildvcs=false' GOCACHE=$work/build CGO_ENABLED=1
    export RUSTUP_TOOLCHAIN=$toolchain RUSTC_WORKSPACE_WRAPPER=$rustc
    export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1
    go build -o "$work/pkg-config" github.com/influxdata/pkg-config
    PKG_CONFIG=$work/pkg-config go build -tags sqlite_foreign_keys,sqlite_json -o "$work/influxd" ./cmd/influxd
  ) >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; die "InfluxDB 2 was not built"; }
  mv "$work/influxd" "$influx2"
  rm -rf "$work"
}

# The Go on PATH where it is new enough, else a pinned one.
find_go() {
  local own
  if own=$(command -v go) && GOTOOLCHAIN=local "$own" version | grep -Eq 'go1\.(2[3-9]|[3-9][0-9])'; then
    echo "$own"
    return 0
  fi
  own=$(environment go)
  own=$(echo "${own%/bin/python}"/lib/python3*/site-packages/go/bin/go)
  chmod +x "${own%/*}"/* "${own%/bin/go}"/pkg/tool/*/* 2>/dev/null || true
  echo "$own"
}

# Listens on 127.0.0.1:$INFLUX2 with TLS as `localhost`; the owner's token is the test password.
start_influx2() {
  local d=$run/influx2 url=https://localhost:$INFLUX2
  mkdir -p "$d"
  "$influx2" --bolt-path "$d/bolt" --sqlite-path "$d/sqlite" --engine-path "$d/engine" --reporting-disabled \
    --http-bind-address "127.0.0.1:$INFLUX2" --tls-cert "$run/server.pem" --tls-key "$run/server.key" --log-level warn &
  wait_until 60 "InfluxDB 2" $! curl -fsS --noproxy '*' --cacert "$run/ca.pem" "$url/health"
  curl -fsS --noproxy '*' --cacert "$run/ca.pem" -o /dev/null "$url/api/v2/setup" -d \
    "{\"username\":\"owner\",\"password\":\"$test_password\",\"org\":\"acme\",\"bucket\":\"first\",\"token\":\"$test_password\"}"
}
