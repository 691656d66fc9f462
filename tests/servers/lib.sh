# Shared by the scripts of this folder: messages, ports, certificates, and the servers' start and end.
# shellcheck shell=bash

# The same for every role and server of a run; they listen on loopback and live for minutes.
test_password='test-only-passw0rd'

say() { printf 'tests: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# pick_ports NAME…: sets each NAME to a port that is free now, all of them different.
pick_ports() {
  local ports
  ports=$("$python" - "$#" <<'PY'
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PY
  )
  # shellcheck disable=SC2229,SC2086
  read -r "$@" <<<"$ports"
}

# wait_until SECONDS WHAT PID COMMAND…: asks again until COMMAND succeeds; gives up when PID is gone.
wait_until() {
  local seconds=$1 what=$2 pid=$3 end
  shift 3
  end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || { say "$what ended before it was ready"; return 1; }
    [ "$SECONDS" -lt "$end" ] || { say "$what was not ready after $seconds s"; return 1; }
    sleep 0.1
  done
}

# answers URL: whether an HTTP GET gets any answer with status 200.
answers() {
  "$python" - "$1" <<'PY'
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=5).read()
PY
}

# own NAME PID: remembers a server, to be stopped at the end.
own() { echo "$2" >"$run/pids/$1"; }

# start_all NAME…: runs each start_NAME at the same time; on failure shows that server's log.
start_all() {
  local name failed=0
  local -A jobs=()
  mkdir -p "$run/pids" "$run/log"
  for name; do
    "start_$name" >"$run/log/$name" 2>&1 &
    jobs[$name]=$!
  done
  for name; do
    wait "${jobs[$name]}" || { failed=1; say "$name did not start:"; tail -n 40 "$run/log/$name" >&2; }
  done
  [ "$failed" = 0 ] || exit 1
}

stop_servers() {
  local status=$? file pid end
  trap - EXIT
  set +e
  for file in "$run"/pids/*; do
    # INT is PostgreSQL's fast shutdown; TERM would wait for its clients.
    [ -f "$file" ] && case $file in
      */postgres*) kill -INT "$(cat "$file")" ;;
      *) kill "$(cat "$file")" ;;
    esac 2>/dev/null
  done
  for file in "$run"/pids/*; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    end=$((SECONDS + 10))
    while kill -0 "$pid" 2>/dev/null; do
      [ "$SECONDS" -lt "$end" ] || { kill -KILL "$pid" 2>/dev/null; break; }
      sleep 0.05
    done
  done
  if [ -n "${DBDECK_TEST_KEEP-}" ]; then say "kept $run"; else rm -rf "$run"; fi
  exit "$status"
}

# as_user NAME COMMAND…: becomes COMMAND; under NAME's rights when we are root, which database servers refuse.
as_user() {
  local user=$1
  shift
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid="$user" --regid="$user" --init-groups -- env HOME="$run" "$@"
  else
    exec "$@"
  fi
}

# folder_for USER PATH: makes PATH, owned by USER when we are root.
folder_for() {
  mkdir -p "$2"
  if [ "$(id -u)" = 0 ]; then chown "$1:" "$2"; fi
  chmod 700 "$2"
}

# A test CA and one server certificate for localhost: dbdeck always verifies TLS, so its tests must let it.
make_certificates() {
  local d=$run
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=dbdeck test CA' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$d/ca.key" -out "$d/ca.pem" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=localhost' \
    -keyout "$d/server.key" -out "$d/server.csr" 2>/dev/null
  openssl x509 -req -in "$d/server.csr" -CA "$d/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 2 \
    -extfile <(printf '%s\n' 'subjectAltName=DNS:localhost,IP:127.0.0.1' 'basicConstraints=CA:FALSE' \
      'extendedKeyUsage=serverAuth') -out "$d/server.pem" 2>/dev/null
  chmod 644 "$d/ca.pem" "$d/server.pem"
}

# certificate_for USER FOLDER: puts the server's certificate and key where USER alone can read the key.
certificate_for() {
  install -m 644 "$run/server.pem" "$2/server.pem"
  install -m 600 "$run/server.key" "$2/server.key"
  if [ "$(id -u)" = 0 ]; then chown "$1:" "$2/server.pem" "$2/server.key"; fi
}
