# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # who sources it uses them
# For tests of the launcher's output. Sourced; $1 of the test is the launcher.

set -u
launcher=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0 failed=0

fail() {
	printf 'FAILED: %s\n--- stdout\n%s\n--- stderr\n%s\n' "$*" "$(<"$work/out")" "$(<"$work/err")"
	failed=$((failed + 1))
}

# gives STATUS COMMAND...: runs it, and keeps what it prints for the next checks
gives() {
	local wanted=$1 status=0
	checks=$((checks + 1))
	"${@:2}" >"$work/out" 2>"$work/err" </dev/null || status=$?
	((status == wanted)) || fail "${*:2} ends with status $status, not $wanted"
}

prints() { checks=$((checks + 1)); grep -qF -- "$1" "$work/out" || fail "it does not print: $1"; }
prints_not() { checks=$((checks + 1)); ! grep -qF -- "$1" "$work/out" || fail "it prints: $1"; }
complains() { checks=$((checks + 1)); grep -qF -- "$1" "$work/err" || fail "it does not complain: $1"; }
is_quiet() { checks=$((checks + 1)); [[ ! -s $work/err ]] || fail "it complains"; }

# json FILTER: is that true of the JSON that it printed?
json() { checks=$((checks + 1)); jq -e "$1" "$work/out" >/dev/null 2>&1 || fail "not so: $1"; }

finish() {
	echo "$checks checks, $failed failed"
	((failed == 0))
	exit
}
