#!/bin/bash
# Fetches mydumper and myloader into $SHUNT_TOOLS/mydumper (default ~/.cache/shunt/tools/mydumper),
# with the libraries they need, from Debian's unstable suite. Only `shunt bench copy` uses them, to
# compare. Does nothing when they are there already. Other suites: MYDUMPER_SUITE.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
home=$SHUNT_TOOLS/mydumper

if [ -x "$home/bin/mydumper" ] && "$home/bin/mydumper" --version > /dev/null 2>&1; then
  echo "mydumper is in $home"
  exit 0
fi
fresh=$SHUNT_TOOLS/.mydumper.new.$$
trap 'rm -rf "$fresh"' EXIT
fetch_debian "$fresh" "${MYDUMPER_SUITE:-sid}" mydumper
wrap_program "$fresh" usr/bin/mydumper mydumper
wrap_program "$fresh" usr/bin/myloader myloader
# The client library looks for its login plugins where the machine's own would be.
plugins=$(cd "$fresh" && find . -path '*/libmariadb3/plugin' | head -n 1)
sed -i "2i export MARIADB_PLUGIN_DIR=\"\$(dirname \"\$(dirname \"\$(readlink -f \"\$0\")\")\")/${plugins#./}\"" \
  "$fresh/bin/mydumper" "$fresh/bin/myloader"
"$fresh/bin/mydumper" --version > /dev/null
keep "$fresh" "$home"
echo "mydumper is in $home: $("$home/bin/mydumper" --version | head -n 1)"
