# MariaDB, which stands for the MySQL family: TLS, users admin and root (everything) and reader (may only read).
# Database: shop.
# shellcheck shell=bash

start_mariadb() {
  local home=$run/mariadb own_user=()
  PATH=$PATH:/usr/sbin
  [ "$(id -u)" != 0 ] || own_user=(--user=mysql)
  folder_for mysql "$home"
  certificate_for mysql "$home"
  mariadb-install-db --no-defaults "${own_user[@]}" --datadir="$home/data" --skip-test-db \
    --auth-root-authentication-method=normal
  # The RDS Data API stand-in logs in as root, whatever the master user is called.
  cat >"$home/init.sql" <<SQL
DELETE FROM mysql.global_priv WHERE User='' OR User='root';
FLUSH PRIVILEGES;
CREATE USER root@'%' IDENTIFIED BY '$test_password';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
CREATE USER admin@'%' IDENTIFIED BY '$test_password';
GRANT ALL ON *.* TO admin@'%';
CREATE USER reader@'%' IDENTIFIED BY '$test_password';
GRANT SELECT, PROCESS, SHOW VIEW ON *.* TO reader@'%';
CREATE DATABASE shop;
SQL
  if [ "$(id -u)" = 0 ]; then chown mysql: "$home/init.sql"; fi
  (as_user mysql "$(command -v mariadbd)" --no-defaults --datadir="$home/data" --port="$MARIADB" \
    --bind-address=127.0.0.1 --socket="$home/socket" --pid-file="$home/pid" --init-file="$home/init.sql" \
    --ssl-ca="$run/ca.pem" --ssl-cert="$home/server.pem" --ssl-key="$home/server.key" \
    --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M --skip-name-resolve) &
  wait_until 60 MariaDB $! mariadb --no-defaults --protocol=tcp -h 127.0.0.1 -P "$MARIADB" -u admin \
    --password="$test_password" --ssl-ca="$run/ca.pem" --ssl-verify-server-cert -e 'select 1' shop
}
