#!/usr/bin/env bash
# Lists what a run of the tests skipped, and why: tests/skipped.sh OUTPUT, a file with the output of `cargo test`.
#
# OLM_CATALOG_REQUIRE=all makes a skipped test an error (exit status 1), unless tests/skips.txt accepts it. With
# OLM_CATALOG_REQUIRE=tools, tests may be skipped because the real data is missing, but for no other reason.
set -euo pipefail
require=${OLM_CATALOG_REQUIRE:-}
case $require in '' | all | tools) ;; *)
  echo "OLM_CATALOG_REQUIRE=$require: use all, tools, or nothing" >&2
  exit 2
  ;;
esac
accepted=${OLM_CATALOG_SKIPS:-$(dirname "$0")/skips.txt}

awk -v require="$require" -v accepted="$accepted" '
  # Whether a text matches a pattern in which `*` is any text.
  function matches(text, pattern,    parts, count, i, at) {
    count = split(pattern, parts, "*")
    if (count == 1) return text == pattern
    if (substr(text, 1, length(parts[1])) != parts[1]) return 0
    text = substr(text, length(parts[1]) + 1)
    for (i = 2; i < count; i++) {
      at = index(text, parts[i])
      if (!at) return 0
      text = substr(text, at + length(parts[i]))
    }
    at = length(text) - length(parts[count])
    return at >= 0 && substr(text, at + 1) == parts[count]
  }
  function is_accepted(suite, test, reason,    i) {
    if (require == "tools" && reason ~ /real data$/) return 1
    for (i = 1; i <= patterns; i++) if (matches(suite, suites[i]) && matches(test, tests[i])) return 1
    return 0
  }
  function skip(test, reason) {
    if (reason == "") reason = "no reason given"
    known++
    key = suite SUBSEP reason
    if (!(key in number)) { order[++keys] = key; names[key] = suite; reasons[key] = reason }
    number[key]++
    if (number[key] <= 3) list[key] = list[key] (number[key] > 1 ? ", " : "") test
    if (require != "" && !is_accepted(suite, test, reason)) { refused[key]++; all++ }
    total++
  }
  BEGIN {
    while ((getline line < accepted) > 0) {
      if (line ~ /^[ \t]*(#|$)/) continue
      split(line, words, " ")
      suites[++patterns] = words[1]; tests[patterns] = words[2]
    }
  }
  { gsub(/\033\[[0-9;]*m/, ""); sub(/\r$/, "") }
  # What cargo says before each suite. A target may have the same name as another.
  /^ *Running / { suite = $2 == "unittests" ? $3 : $2; sub(/^tests\//, "", suite); sub(/\.rs$/, "", suite); known = 0 }
  /^ *Doc-tests / { suite = "documentation"; known = 0 }
  # `test NAME ... ignored`, with a reason after a comma or in brackets, or before the name: `test [reason] NAME`.
  /^test .* \.\.\. ignored/ {
    at = index($0, " ... ignored")
    test = substr($0, 6, at - 6)
    reason = substr($0, at + length(" ... ignored"))
    sub(/^, /, "", reason)
    if (reason ~ /^ \(.*\)$/) reason = substr(reason, 3, length(reason) - 3)
    if (test ~ /^\[/) {
      at = index(test, "] ")
      if (reason == "") reason = substr(test, 2, at - 2)
      test = substr(test, at + 2)
    }
    sub(/^ +/, "", test); sub(/ +$/, "", test)
    skip(test, reason)
  }
  # Other output may have been in the way: no skipped test is forgotten.
  /^test result: / {
    for (i = 1; i < NF; i++) if ($(i + 1) ~ /^ignored;?$/) while (known < $i) skip("(unknown)", "")
    known = 0
  }
  END {
    if (!total) { print "no test was skipped"; exit }
    print "skipped " total (total == 1 ? " test:" : " tests:")
    for (i = 1; i <= keys; i++) {
      key = order[i]
      more = number[key] > 3 ? " and " number[key] - 3 " more" : ""
      print "  " names[key] ": " list[key] more ": " reasons[key] (refused[key] ? " (not accepted)" : "")
    }
    if (all) {
      print all " skipped " (all == 1 ? "test is" : "tests are") " not accepted with OLM_CATALOG_REQUIRE=" require \
        ": install what the reasons name, or add lines to tests/skips.txt"
      exit 1
    }
  }
' "$1"
