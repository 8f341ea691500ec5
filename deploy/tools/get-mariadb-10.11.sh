#!/bin/bash
# Fetches MariaDB 10.11 into $SHUNT_TOOLS/mariadb-10.11 (default ~/.cache/shunt/tools/mariadb-10.11),
# with the libraries it needs, from Debian 12. Does nothing when it is there already.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
home=$SHUNT_TOOLS/mariadb-10.11

if [ -x "$home/bin/mariadbd" ] && "$home/bin/mariadbd" --no-defaults --version > /dev/null 2>&1; then
  echo "MariaDB 10.11 is in $home"
  exit 0
fi
fresh=$SHUNT_TOOLS/.mariadb-10.11.new.$$
trap 'rm -rf "$fresh"' EXIT
fetch_debian "$fresh" bookworm mariadb-server-core mariadb-client-core
wrap_program "$fresh" usr/sbin/mariadbd mariadbd
wrap_program "$fresh" usr/bin/mariadb mariadb
wrap_program "$fresh" usr/bin/my_print_defaults my_print_defaults
wrap_program "$fresh" usr/bin/resolveip resolveip
# The layout in which the installation script looks for its parts.
mkdir -p "$fresh/scripts"
cp "$fresh/usr/bin/mariadb-install-db" "$fresh/scripts/mariadb-install-db"
ln -s usr/share "$fresh/share"
ln -s bin "$fresh/sbin"
"$fresh/bin/mariadbd" --no-defaults --version | grep -q '10\.11\.' ||
  fail "another version than 10.11 came: $("$fresh/bin/mariadbd" --no-defaults --version)"
keep "$fresh" "$home"
echo "MariaDB 10.11 is in $home"
