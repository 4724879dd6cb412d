#!/usr/bin/env bash
# Fuzzes every target of the main module, two at a time, for $1 each. A run that fails without leaving an input behind
# is tried again, twice at most: go test -fuzz may take its own deadline for a failure on a busy machine. Inputs are
# minimized for a second only, which otherwise takes most of a short run.
set -euo pipefail

fuzz() {
  local package=$1 target=$2 time=$3 try
  for try in 1 2 3; do
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s -parallel 1 "$package" && return
    [ -z "$(git status --porcelain -- "$package/testdata/fuzz/$target")" ] || return 1
  done
  return 1
}
export -f fuzz

grep -roE --include='*_test.go' --exclude-dir=e2e --exclude-dir=bench '^func Fuzz[A-Za-z0-9_]+' . |
  sed -E 's|^(.*)/[^/]*:func (.*)|\1 \2|' |
  xargs -P 2 -L 1 bash -c 'fuzz "$1" "$2" "$0"' "$1"
