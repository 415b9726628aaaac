# What the .trx files say, and the second try. Sourced by tests/run; uses say, since, results, filter.

second_try_max=12 # so many failures are no rare race; a second try would only hide the time they take
flaky_max=3

counter() { grep -oE "<Counters [^>]*" "$1" | grep -oE "(^| )$2=\"[0-9]+\"" | grep -oE '[0-9]+' | head -n 1; }

# What every reader of a .trx uses: an attribute of the element in this line, as plain text.
trx_functions='
  function decoded(value) {
    gsub(/&quot;/, "\"", value); gsub(/&apos;/, "\047", value); gsub(/&lt;/, "<", value); gsub(/&gt;/, ">", value)
    gsub(/&#x[0-9A-Fa-f]+;/, " ", value); gsub(/&amp;/, "\\&", value)
    return value
  }
  function attribute(name) {
    if (!match($0, " " name "=\"[^\"]*\"")) return ""
    return decoded(substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4))
  }'

# outcomes TRX: a line per result: outcome, class and method, name with its arguments.
outcomes() {
  awk "$trx_functions"'
    /<UnitTestResult / { id[++n] = attribute("testId"); shown[n] = attribute("testName"); outcome[n] = attribute("outcome") }
    /<UnitTest / { test = attribute("id") }
    /<TestMethod / { method[test] = attribute("className") "." attribute("name") }
    END { for (i = 1; i <= n; i++) printf "%s\t%s\t%s\n", outcome[i], method[id[i]], shown[i] }' "$1"
}

# message TRX NAME: the message of a failed result, its first lines.
message() {
  awk -v name="$2" "$trx_functions"'
    /<UnitTestResult / { mine = attribute("testName") == name }
    mine && /<Message>/ { on = 1 }
    mine && on { line = $0; gsub(/ *<\/?Message>/, "", line); if (line != "") print decoded(line) }
    /<\/Message>/ { on = 0 }' "$1" | head -n 8 | cut -c 1-300
}

# tally NAME EXIT-CODE: "passed failed skipped crashed" of a run, from its .trx and the exit code.
tally() {
  local name=$1 code=$2 trx=$results/$1.trx passed=0 failed=0 skipped=0 crashed=0
  if [ -f "$trx" ]; then
    local total executed
    total=$(counter "$trx" total) executed=$(counter "$trx" executed) passed=$(counter "$trx" passed)
    failed=$((${executed:-0} - ${passed:-0})) skipped=$((${total:-0} - ${executed:-0}))
    passed=${passed:-0}
  fi
  if { [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; } || grep -q '^Test Run Aborted' "$results/$name.log"; then
    failed=$((failed + 1)) crashed=1
  elif [ "$((passed + failed + skipped))" -eq 0 ] && [ -z "$filter" ]; then
    failed=1 crashed=2
  fi
  printf '%d %d %d %d\n' "$passed" "$failed" "$skipped" "$crashed"
}

report_project() {
  local name=$1 took=$2 passed failed skipped crashed line note=''
  read -r passed failed skipped crashed <"$results/$name.count"
  [ "$crashed" -eq 1 ] && note=' (the test host crashed or hung)'
  [ "$crashed" -eq 2 ] && note=' (no test ran)'
  line=$(printf '%-34s %5d passed %4d failed %4d skipped  %s%s' "$name" "$passed" "$failed" "$skipped" "$took" "$note")
  if [ "$failed" -gt 0 ]; then
    { say "$line"; failures "$name" | sed 's/^/    /'; }
  else
    say "$line"
  fi
}

# The head of each failure; the rest is in the log.
failures() {
  local log=$results/$1.log
  if grep -qE '^ *Failed [A-Za-z]' "$log"; then
    awk '/^ *(Passed|Skipped) [A-Za-z]/ { left = 0 } /^ *Failed [A-Za-z]/ { left = 24 } left-- > 0' "$log" | cut -c 1-300 | head -n 160
  else
    head -n 24 "$log" | cut -c 1-200
  fi
  awk '/^The (active test run was aborted|tests? running when)/ { left = 4 } left-- > 0' "$log" | cut -c 1-200
  say "all of it: TestResults/$1.log"
}

# What failed runs once more, alone. What passes then counts as passed and is named as flaky.
second_try() {
  local project name method tries=() number=0 start=$SECONDS
  for project in "${projects[@]}"; do
    name=$(basename "$project" .csproj)
    case "$(cut -d ' ' -f 4 "$results/$name.count" 2>/dev/null)" in
      1) tries+=("$project"$'\t') ;;
      0) while read -r method; do tries+=("$project"$'\t'"$method"); done < <(outcomes "$results/$name.trx" | awk -F '\t' '$1 == "Failed" { print $2 }' | sort -u) ;;
    esac
  done
  [ ${#tries[@]} -eq 0 ] && return 0
  if [ ${#tries[@]} -gt "$second_try_max" ]; then
    say "${#tries[@]} tests failed, more than $second_try_max: no second try."
    return 0
  fi
  say "A second try, one by one, for ${#tries[@]} that failed:"
  local try
  for try in "${tries[@]}"; do
    number=$((number + 1))
    try_again "${try%%$'\t'*}" "${try#*$'\t'}" "again-$number"
  done
  say "Second try: $(since "$start")"
}

# try_again PROJECT METHOD RUN: without METHOD, the whole project (its host had crashed).
try_again() {
  local project=$1 method=$2 run=$3 name code=0 shown
  name=$(basename "$project" .csproj)
  if [ -n "$method" ]; then
    run_tests "$project" "$run" "FullyQualifiedName=$method" || code=$?
  else
    run_tests "$project" "$run" "$filter" || code=$?
  fi
  local passed failed skipped crashed again
  again=$(tally "$run" "$code")
  read -r passed failed skipped crashed <<<"$again"
  if [ -z "$method" ]; then
    if [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]; then
      say "$again" >"$results/$name.count"
      flaky "$name (the test host crashed or hung)" "$(awk '/^The (active test run was aborted|tests? running when)/ { left = 4 } left-- > 0' "$results/$name.log" | cut -c 1-200)"
    else
      say "failed again: $name (TestResults/$run.log)"
    fi
    return 0
  fi

  local mended=0
  while IFS= read -r shown; do
    if { [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]; } || outcomes "$results/$run.trx" 2>/dev/null | grep -qxF "Passed"$'\t'"$method"$'\t'"$shown"; then
      mended=$((mended + 1))
      flaky "$shown" "$(message "$results/$name.trx" "$shown")"
    else
      say "failed again: $shown (TestResults/$run.log)"
    fi
  done < <(outcomes "$results/$name.trx" | awk -F '\t' -v method="$method" '$1 == "Failed" && $2 == method { print $3 }')
  read -r passed failed skipped crashed <"$results/$name.count"
  printf '%d %d %d %d\n' "$((passed + mended))" "$((failed - mended))" "$skipped" "$crashed" >"$results/$name.count"
}

# flaky NAME MESSAGE
flaky() {
  flaky_count=$((flaky_count + 1))
  { printf 'flaky: %s\n' "$1"; [ -z "$2" ] || sed 's/^/    /' <<<"$2"; } | tee -a "$results/flaky.txt"
}

# Every skipped test with its reason.
skips() {
  local project
  for project in "${projects[@]}"; do
    awk "$trx_functions"'
      /outcome="NotExecuted"/ { name = attribute("testName") }
      name != "" && /<Message>/ { gsub(/ *<\/?Message>/, ""); print "Skipped: " name ": " decoded($0); name = "" }' "$results/$(basename "$project" .csproj).trx"
  done
}
