# Debian packages: what is not there is installed, and no service is left running by it.
# shellcheck shell=bash

install_packages() {
  local missing=()
  [ -n "$(postgres_folder)" ] || missing+=(postgresql)
  PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null || missing+=(mariadb-server)
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v memcached >/dev/null || missing+=(memcached)
  command -v tmux >/dev/null || missing+=(tmux)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v cc >/dev/null || missing+=(gcc libc6-dev)
  command -v cmake >/dev/null || missing+=(cmake)
  command -v pkg-config >/dev/null || missing+=(pkg-config)
  command -v java >/dev/null || missing+=(default-jre-headless)
  command -v mvn >/dev/null || missing+=(maven)
  command -v influxd >/dev/null || missing+=(influxdb)
  command -v influx >/dev/null || missing+=(influxdb-client)
  command -v curl >/dev/null || missing+=(curl)
  find_python >/dev/null || missing+=(python3 python3-venv)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "missing: ${missing[*]} (this script installs them with apt only)"
  say "installing ${missing[*]}"
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "missing: ${missing[*]}; install them, or run this as root once"
    root=(sudo)
  fi
  "${root[@]}" apt-get update -q >&2
  # RUNLEVEL=1 keeps invoke-rc.d from starting services; create_main_cluster=false would need a file in /etc,
  # and an idle cluster on disk harms nobody.
  "${root[@]}" env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null >&2
}
