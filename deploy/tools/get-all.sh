#!/bin/bash
# Fetches every program that the tests need and that is no Maven artifact on the class path.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
for tool in etcd mysql mariadb-10.11 registry python-client; do
  "$here/get-$tool.sh"
done
