#!/bin/bash
# Makes a Python environment with the stock Confluent client in $SHUNT_TOOLS/python (default
# ~/.cache/shunt/tools/python), for docs/examples and its test. Does nothing when it is there.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
home=$SHUNT_TOOLS/python
check='import confluent_kafka, confluent_kafka.schema_registry.avro'

if [ -x "$home/bin/python" ] && "$home/bin/python" -c "$check" 2> /dev/null; then
  echo "the Python client is in $home"
  exit 0
fi
command -v python3 > /dev/null || fail "no python3: install it (Debian: python3 and python3-venv)"
rm -rf "$home"
python3 -m venv "$home" || fail "python3 can't make environments (Debian: install python3-venv)"
"$home/bin/pip" install -q "confluent-kafka[avro,schemaregistry]"
"$home/bin/python" -c "$check"
