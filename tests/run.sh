#!/usr/bin/env bash
# Runs all tests, or those that the arguments of `cargo test` choose, and ends with what was skipped and why.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
output=${CARGO_TARGET_DIR:-target}/test-output.txt
mkdir -p "$(dirname "$output")"
cargo test --locked --no-fail-fast "$@" 2>&1 | tee "$output"
tests=${PIPESTATUS[0]}
tests/skipped.sh "$output"
skipped=$?
exit $((tests ? tests : skipped))
