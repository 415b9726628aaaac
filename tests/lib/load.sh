# Spinning processes beside the tests, for --stress. Sourced by tests/run.

load_spinners=()

# start_load N: keeps N processes of this machine ready to run, for as long as this script lives. There are N that spin; where the
# tests (or others) have work of their own, as many of them rest as are too many, each for a second or so.
start_load() {
  local i
  for ((i = 0; i < $1; i++)); do
    bash -c '
      while kill -0 "$1" 2>/dev/null; do
        for ((i = 0; i < 30000; i++)); do :; done
        read -r _ _ _ running _ </proc/loadavg
        ((RANDOM % $2 < 2 * (${running%/*} - $2))) && sleep "1.$((RANDOM % 10))"
      done' spin $$ "$1" >/dev/null 2>&1 </dev/null &
    load_spinners+=($!)
    disown
  done
  trap stop_load EXIT
}

stop_load() {
  [ ${#load_spinners[@]} -eq 0 ] || kill "${load_spinners[@]}" 2>/dev/null
  load_spinners=()
}
