#!/bin/bash
# Fetches the Apicurio schema registry into $SHUNT_TOOLS/registry (default
# ~/.cache/shunt/tools/registry), through Maven and from the repositories it is set up with. Does
# nothing when it is there already.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
home=$SHUNT_TOOLS/registry
root=$(cd "$(dirname "$0")/../.." && pwd)
version=3.3.3

if [ -f "$home/quarkus-run.jar" ]; then
  echo "the schema registry is in $home"
  exit 0
fi
fresh=$SHUNT_TOOLS/.registry.new.$$
trap 'rm -rf "$fresh"' EXIT
mkdir -p "$fresh/download" "$fresh/app"
"$root/mvnw" -q -N org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact=io.apicurio:apicurio-registry-app:$version:tar.gz:all \
  -DoutputDirectory="$fresh/download" ||
  fail "Maven could not fetch apicurio-registry-app $version"
tar -xzf "$fresh"/download/*.tar.gz -C "$fresh/app"
jar=$(find "$fresh/app" -name quarkus-run.jar | head -n 1)
[ -n "$jar" ] || fail "no quarkus-run.jar in the archive of apicurio-registry-app $version"
keep "$(dirname "$jar")" "$home"
echo "the schema registry is in $home"
