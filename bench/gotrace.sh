#!/usr/bin/env bash
# Measures what looptrace and go tool trace need for one real Go execution trace; prints Markdown.
#
#   bench/gotrace.sh [MIB]        size of the trace, 100 if none is given
#
# RUNS is how often each is run, 3 if not set: the best one counts. LIMIT is after how many seconds go tool trace is given up.
set -euo pipefail
cd "$(dirname "$0")/.."

size=${1:-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/looptrace" ./cmd/looptrace
go build -o "$work/gotrace" ./bench/gotrace
"$work/gotrace" -size "$size" -o "$work/go.trace" >"$work/truth"
python3 bench/gotrace.py "$work" "${RUNS:-3}" "${LIMIT:-300}"
