#!/bin/bash
# Fetches a real MySQL server into $SHUNT_TOOLS/mysql (default ~/.cache/shunt/tools/mysql), with the
# libraries it needs, from Debian's unstable suite: Debian's stable suites have MariaDB only.
# Does nothing when it is there already, or a MySQL is installed or named by SHUNT_MYSQL_HOME. Other
# suites: MYSQL_SUITE.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
home=$SHUNT_TOOLS/mysql

if [ -n "${SHUNT_MYSQL_HOME:-}" ] && [ -x "$SHUNT_MYSQL_HOME/bin/mysqld" ]; then
  echo "MySQL is in $SHUNT_MYSQL_HOME"
  exit 0
fi
if [ -x "$home/bin/mysqld" ] && "$home/bin/mysqld" --version > /dev/null 2>&1; then
  echo "MySQL is in $home"
  exit 0
fi
if command -v mysqld > /dev/null && mysqld --no-defaults --version | grep -qv MariaDB; then
  echo "MySQL is installed: $(command -v mysqld)"
  exit 0
fi
fresh=$SHUNT_TOOLS/.mysql.new.$$
trap 'rm -rf "$fresh"' EXIT
fetch_debian "$fresh" "${MYSQL_SUITE:-sid}" mysql-server-core mysql-client-core
wrap_program "$fresh" usr/sbin/mysqld mysqld
wrap_program "$fresh" usr/bin/mysql mysql
wrap_program "$fresh" usr/bin/mysqladmin mysqladmin
wrap_program "$fresh" usr/bin/mysqldump mysqldump
"$fresh/bin/mysqld" --version > /dev/null
keep "$fresh" "$home"
echo "MySQL is in $home: $("$home/bin/mysqld" --version | sed 's/.*Ver/Ver/')"
