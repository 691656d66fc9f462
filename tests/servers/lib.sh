# Shared by the scripts of this folder: messages, ports, certificates, and the servers' start and end.
# shellcheck shell=bash

# The same for every role and server of a run; they listen on loopback and live for minutes.
test_password='test-only-passw0rd'

say() { printf 'tests: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# pick_ports NAME…: sets each NAME to a port that is free now, all of them different. They are below the range that
# the system takes the ends of outgoing connections from, or one of those could be there first.
pick_ports() {
  local ports
  ports=$("$python" - "$#" <<'PY'
import random, socket, sys
held = []
for port in random.sample(range(20000, 32000), 2000):
    one = socket.socket()
    try:
        one.bind(("127.0.0.1", port))
    except OSError:
        continue
    held.append(one)
    if len(held) == int(sys.argv[1]):
        break
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

# fetched NAME WHAT: prints the folder with the jars that NAME/pom.xml asks for, fetched once with Maven.
fetched() {
  local pom=tests/servers/$1/pom.xml home
  home=$cache/$1/$(sha256sum <"$pom" | cut -c1-12)
  if [ ! -f "$home/ready" ]; then
    say "fetching $2 with Maven"
    rm -rf "$home"
    mvn -q -B -f "$pom" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$home/lib" >&2
    touch "$home/ready"
  fi
  echo "$home"
}

# answers URL: whether an HTTP GET gets any answer with status 200.
answers() {
  "$python" - "$1" <<'PY'
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=5).read()
PY
}

# start_all NAME…: runs each start_NAME at the same time, each in a process group of its own with all it starts; on
# failure shows that one's log.
start_all() {
  local name failed=0
  mkdir -p "$run/log"
  set -m
  for name; do
    "start_$name" >"$run/log/$name" 2>&1 </dev/null &
    groups[$name]=$!
  done
  set +m
  for name; do
    wait "${groups[$name]}" || { failed=1; say "$name did not start:"; tail -n 40 "$run/log/$name" >&2; }
  done
  [ "$failed" = 0 ] || exit 1
}
declare -A groups=()

stop_servers() {
  local status=$? name end
  trap - EXIT
  trap '' INT TERM HUP
  set +e
  for name in "${!groups[@]}"; do
    # INT is PostgreSQL's fast shutdown; TERM would wait for its clients.
    case $name in postgres) kill -INT -- "-${groups[$name]}" ;; *) kill -- "-${groups[$name]}" ;; esac
  done 2>/dev/null
  for name in "${!groups[@]}"; do
    end=$((SECONDS + 10))
    while kill -0 -- "-${groups[$name]}"; do
      [ "$SECONDS" -lt "$end" ] || { kill -KILL -- "-${groups[$name]}"; break; }
      sleep 0.05
    done
  done 2>/dev/null
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

# Certificates for localhost that no client may accept, for the doors that tests open in front of the servers; one
# key for all of them.
make_refusable_certificates() {
  local d=$run/refusable names='subjectAltName=DNS:localhost,IP:127.0.0.1'
  mkdir -p "$d"
  : >"$d/index"
  printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$d/index" "new_certs_dir=$d" 'rand_serial=yes' \
    'default_md=sha256' 'policy=p' '[p]' 'commonName=supplied' >"$d/ca.conf"
  printf '%s\n' "$names" >"$d/names"
  {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=localhost' \
      -keyout "$d/key.pem" -out "$d/request"
    openssl x509 -req -in "$d/request" -CA "$run/ca.pem" -CAkey "$run/ca.key" -days 2 \
      -extfile <(echo 'subjectAltName=DNS:other.example') -out "$d/wrong-host.pem"
    openssl x509 -req -in "$d/request" -CA "$run/ca.pem" -CAkey "$run/ca.key" -days 2 \
      -extfile <(echo 'basicConstraints=CA:FALSE') -out "$d/no-name.pem"
    # Its issuer is a name that no system's store has: some hold a certificate of their own for localhost.
    openssl req -new -key "$d/key.pem" -subj '/CN=its own authority' -out "$d/own-request"
    openssl x509 -req -in "$d/own-request" -signkey "$d/key.pem" -days 2 -extfile "$d/names" \
      -out "$d/self-signed.pem"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=another CA' \
      -keyout "$d/stranger.key" -out "$d/stranger-ca.pem"
    openssl x509 -req -in "$d/request" -CA "$d/stranger-ca.pem" -CAkey "$d/stranger.key" -CAcreateserial -days 2 \
      -extfile "$d/names" -out "$d/stranger.pem"
    openssl ca -batch -notext -config "$d/ca.conf" -cert "$run/ca.pem" -keyfile "$run/ca.key" -in "$d/request" \
      -startdate 20200101000000Z -enddate 20200201000000Z -extfile "$d/names" -out "$d/expired.pem"
  } 2>/dev/null || die "the certificates that nobody may accept cannot be made"
}

# certificate_for USER FOLDER: puts the server's certificate and key where USER alone can read the key.
certificate_for() {
  install -m 644 "$run/server.pem" "$2/server.pem"
  install -m 600 "$run/server.key" "$2/server.key"
  if [ "$(id -u)" = 0 ]; then chown "$1:" "$2/server.pem" "$2/server.key"; fi
}

# listens PORT: whether something takes connections there.
listens() {
  "$python" -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2).close()' "$1"
}
