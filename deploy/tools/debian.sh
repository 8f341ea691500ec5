# Shared by the get-*.sh scripts; source it. Fetches Debian packages with everything they depend on
# into a folder of its own. Nothing is installed, and neither the machine's package lists nor its
# packages change. Needs apt-get and dpkg-deb.

SHUNT_CACHE=${SHUNT_CACHE:-$HOME/.cache/shunt}
SHUNT_TOOLS=${SHUNT_TOOLS:-$SHUNT_CACHE/tools}

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# The address from which this machine takes Debian's main archive.
debian_mirror() {
  if [ -n "${DEBIAN_MIRROR:-}" ]; then
    echo "$DEBIAN_MIRROR"
    return
  fi
  apt-get indextargets --format '$(SITE) $(ORIGIN) $(LABEL)' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }' | grep . ||
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    grep -E '^(deb|URIs:)' | grep -oE '[a-z+]+://[^ ]+/debian/?( |$)' | tr -d ' ' | head -n 1
}

# fetch_debian FOLDER SUITE PACKAGE...
# Unpacks the packages and all they depend on into FOLDER. SUITE is a Debian suite, or "own" for
# whatever the machine itself is set up to use.
fetch_debian() {
  local folder=$1 suite=$2
  shift 2
  command -v apt-get >/dev/null || fail "apt-get is needed; on other systems set up $* by hand"
  command -v dpkg-deb >/dev/null || fail "dpkg-deb is needed"
  local apt
  apt=$(mktemp -d "${TMPDIR:-/tmp}/shunt-apt.XXXXXX")
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/state"
  : > "$apt/state/status" # nothing counts as installed, so that all of the closure comes
  {
    echo "Dir::State \"$apt/state\";"
    echo "Dir::State::lists \"$apt/lists\";"
    echo "Dir::State::status \"$apt/state/status\";"
    echo "Dir::Cache \"$apt/cache\";"
    echo 'Acquire::Languages "none";'
    echo 'Acquire::Retries "3";'
    echo 'APT::Install-Recommends "false";'
    echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";'
    echo 'APT::Keep-Downloaded-Packages "true";'
    [ "$(id -u)" != 0 ] || echo 'APT::Sandbox::User "root";'
    if [ "$suite" != own ]; then
      local mirror
      mirror=$(debian_mirror)
      [ -n "$mirror" ] || fail "no Debian mirror found in apt's configuration; set DEBIAN_MIRROR"
      echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
        > "$apt/sources.list"
      echo "Dir::Etc::sourcelist \"$apt/sources.list\";"
      echo 'Dir::Etc::sourceparts "-";'
    fi
  } > "$apt/apt.conf"
  if ! APT_CONFIG=$apt/apt.conf apt-get -q update > "$apt/log" 2>&1 ||
    ! APT_CONFIG=$apt/apt.conf DEBIAN_FRONTEND=noninteractive \
      apt-get -q -y --download-only install "$@" >> "$apt/log" 2>&1; then
    tail -n 20 "$apt/log" >&2
    rm -rf "$apt"
    fail "apt-get could not fetch $*"
  fi
  mkdir -p "$folder"
  local archive
  for archive in "$apt"/cache/archives/*.deb; do
    dpkg-deb -x "$archive" "$folder"
  done
  (cd "$apt/cache/archives" && ls ./*.deb) > "$folder/PACKAGES"
  rm -rf "$apt"
}

# wrap_program FOLDER PATH NAME
# Makes FOLDER/bin/NAME, which runs FOLDER/PATH with the libraries in FOLDER and not with those of
# the machine. The folder can be moved.
wrap_program() {
  local folder=$1 program=$2 name=$3 loader libraries
  loader=$(cd "$folder" && find . -name 'ld-linux-*.so.*' | head -n 1)
  [ -n "$loader" ] || fail "no dynamic loader among the packages of $folder"
  libraries=$(cd "$folder" && find . -name '*.so*' |
    grep -vE '/(gconv|perl|perl-base|plugin|engines-[0-9.]*|ossl-modules|sasl2|security|systemd)/' |
    xargs -n 1 dirname | sort -u | sed 's|^\./|$here/|' | paste -sd :)
  mkdir -p "$folder/bin"
  cat > "$folder/bin/$name" <<WRAPPER
#!/bin/sh
here=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
exec "\$here/${loader#./}" --argv0 "\$here/$program" --library-path "$libraries" "\$here/$program" "\$@"
WRAPPER
  chmod +x "$folder/bin/$name"
}

# keep FRESH FINAL: puts a folder that is complete in its place.
keep() {
  mkdir -p "$(dirname "$2")"
  rm -rf "$2"
  mv "$1" "$2"
}
