#!/usr/bin/env bash
# Looks whether a binary is what the hardening flags of the root meson.build are there for.
#
#   hardening_test.sh BINARY [fortify]
#
# Status 77, skipped, without readelf.
set -euo pipefail

binary=$1
fortified=${2:-}
command -v readelf > /dev/null || { echo 'readelf is not installed'; exit 77; }

failures=0
expect() { # WHAT, and the pattern that must stand in standard input
  if grep -Eq -- "$2"; then
    echo "ok      $1"
  else
    echo "MISSING $1"
    failures=$((failures + 1))
  fi
}

export LC_ALL=C
headers=$(readelf -hlW "$binary")
dynamic=$(readelf -dW "$binary")
symbols=$(readelf --dyn-syms -W "$binary")

expect 'position-independent' '^ *Type: +DYN' <<< "$headers"
expect 'marked as a PIE' 'FLAGS_1.*\bPIE\b' <<< "$dynamic"
expect 'relocations read-only' '^ *GNU_RELRO ' <<< "$headers"
expect 'bound at start' '(BIND_NOW|FLAGS_1.*\bNOW\b)' <<< "$dynamic"
expect 'stack not executable' '^ *GNU_STACK .* RW  ' <<< "$headers"
# Not hardening, but seen nowhere else: libmosquitto's read() is to be ours (receive/read_ahead.h).
expect 'read() for libraries' ' GLOBAL +DEFAULT +[0-9]+ read$' <<< "$symbols"
expect 'stack protector' ' __stack_chk_fail(@|$)' <<< "$symbols"
if [[ $fortified == fortify ]]; then
  expect 'fortified library calls' ' __(mem|str|sn|vsn|f|v|read|pread|recv|poll)[a-z]*_chk(@|$)' <<< "$symbols"
fi
# No segment may be both written and executed.
if grep -E '^ *LOAD ' <<< "$headers" | grep -q 'RWE'; then
  echo 'FOUND   a segment that can be written and executed'
  failures=$((failures + 1))
fi
exit $((failures > 0))
