# What the tests use and a new machine lacks. Sourced by tests/run; uses say, wants, install, long, results.

install_tools() {
  command -v dotnet >/dev/null || give_up "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download (version in global.json)."
  local missing=()
  command -v git >/dev/null || missing+=(git)
  if [ "$(uname -s)" = Linux ]; then
    command -v strace >/dev/null || missing+=(strace)
    command -v mount >/dev/null || missing+=(mount)
  fi
  apt_install 'fault injection for the disk tests' "${missing[@]}"
  { wants Cluster || wants Grains; } && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! command -v initdb >/dev/null &&
    apt_install 'a database for the tests of a cluster' postgresql
  wants Cluster && [ "$(uname -s)" = Linux ] && ! command -v ip >/dev/null && apt_install 'networks that are cut, for the tests of a cluster' iproute2
  wants Interop && install_clients
  return 0
}

# Kafka clients for tests/interop. What is missing afterwards is skipped by name.
install_clients() {
  local missing=() module header
  command -v kcat >/dev/null || missing+=(kcat)
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  /usr/bin/python3 -c 'import kafka' 2>/dev/null || missing+=(python3-kafka)
  for module in lz4 snappy zstandard crc32c; do
    /usr/bin/python3 -c "import $module" 2>/dev/null || missing+=("python3-$module")
  done
  if [ "$long" -eq 1 ] && ! native_client_built; then
    command -v g++ >/dev/null || missing+=(g++)
    command -v make >/dev/null || missing+=(make)
    [ -f /usr/include/node/node.h ] || missing+=(libnode-dev)
    for header in openssl/ssl.h:libssl-dev sasl/sasl.h:libsasl2-dev zlib.h:zlib1g-dev zstd.h:libzstd-dev lz4.h:liblz4-dev; do
      [ -f "/usr/include/${header%%:*}" ] || missing+=("${header##*:}")
    done
    compgen -G '/usr/include/*/curl/curl.h' >/dev/null || missing+=(libcurl4-openssl-dev)
  fi
  apt_install 'Kafka clients for the interop tests' "${missing[@]}"
}

# apt_install WHY PACKAGE...: what cannot be installed is one line each, and its tests are skipped.
apt_install() {
  local why=$1 package
  shift
  [ $# -eq 0 ] && return 0
  if [ "$install" -eq 0 ] || ! command -v apt-get >/dev/null; then
    say "Missing: $* ($why). The tests that need them are skipped and say so."
    return 0
  fi
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      say "Missing: $* ($why); not root and no sudo without a password. The tests that need them are skipped and say so."
      return 0
    fi
  fi
  say "Installing with apt-get: $* ($why)"
  has_lists || update_lists
  apt_get_install "$@" && return 0
  # Lists that are there may be old, and name files that the mirror no longer has.
  update_lists && apt_get_install "$@" && return 0
  for package in "$@"; do
    apt_get_install "$package" ||
      say "apt-get cannot install $package: $(grep -E '^E: ' "$results/apt.log" | tail -n 1 | cut -c 4-160) (TestResults/apt.log). The tests that need it are skipped and say so."
  done
  return 0
}

has_lists() { compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; }

# Once a run; fails when it was done already or cannot be done.
update_lists() {
  [ -z "${lists_updated:-}" ] || return 1
  lists_updated=1
  "${as_root[@]}" apt-get update -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 >>"$results/apt.log" 2>&1 </dev/null
}

apt_get_install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" >>"$results/apt.log" 2>&1 </dev/null
}
