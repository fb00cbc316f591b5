# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # who sources it uses them
# What the tests of the launcher share. Sourced with: the launcher, and the directory of what was built for it.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

upshift=$1 built=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 passed=0

fail() { printf 'FAILED: %s\n' "$*"; failed=$((failed + 1)); }
skip() { printf 'skipped: %s\n' "$*"; }

# file_of PACKAGE PATTERN: the package's file whose path matches, if it is installed
file_of() { dpkg-query -L "$1" 2>/dev/null | grep -E "$2" | sed -n 1p | grep .; }

# status_of COMMAND...: its exit status; what it says is in $work/out and $work/err
status_of() {
	local status=0
	"$@" >"$work/out" 2>"$work/err" || status=$?
	printf '%s' "$status"
}

# holds NAME COMMAND...
holds() {
	if "${@:2}" >/dev/null; then passed=$((passed + 1)); else fail "$1"; fi
}

# says NAME TEXT FILE: it does, and in one line
says() {
	if [[ $(wc -l <"$3") == 1 && $(<"$3") == *"$2"* ]]; then
		passed=$((passed + 1))
	else
		fail "$1: not one line with '$2' but: $(<"$3")"
	fi
}

# silent NAME FILE
silent() {
	if [[ ! -s $2 ]]; then passed=$((passed + 1)); else fail "$1: $(<"$2")"; fi
}

finish() {
	printf '%s checks passed, %s failed\n' "$passed" "$failed"
	((failed == 0))
}
