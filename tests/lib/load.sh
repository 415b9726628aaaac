# Spinning processes beside the tests, for --stress. Sourced by tests/run.

load_spinners=()

# start_load N: N processes that spin for as long as this script lives.
start_load() {
  local i
  for ((i = 0; i < $1; i++)); do
    bash -c 'while kill -0 "$1" 2>/dev/null; do for ((i = 0; i < 200000; i++)); do :; done; done' spin $$ >/dev/null 2>&1 </dev/null &
    load_spinners+=($!)
    disown
  done
  trap stop_load EXIT
}

stop_load() {
  [ ${#load_spinners[@]} -eq 0 ] || kill "${load_spinners[@]}" 2>/dev/null
  load_spinners=()
}
