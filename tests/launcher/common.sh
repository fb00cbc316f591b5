# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # who sources it uses them
# What the tests of the launcher share. Sourced; $1 of the test is the launcher. A test is either checks one after the
# other, which all count, with finish at its end; or functions whose names begin with case_, with run_cases at its end:
# each of them ends at its first failure.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
unset LD_PRELOAD

launcher=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0 failed=0 in_case=

fail() {
	printf 'FAILED: %s\n' "$*"
	failed=$((failed + 1))
	[[ ! $in_case ]] || exit 1
}

# skip WHY: this case, or the checks that the test does not make then
skip() {
	printf 'skipped: %s: %s\n' "${0##*/}" "$*"
	[[ ! $in_case ]] || exit 0
}

skip_all() {
	skip "$*"
	exit 77
}

# ---- what a command does

# gives STATUS COMMAND...: runs it, and keeps what it prints for the next checks; STATUS may be a pattern
gives() {
	local status=0
	checks=$((checks + 1))
	"${@:2}" >"$work/out" 2>"$work/err" </dev/null || status=$?
	# shellcheck disable=SC2053 # a pattern
	[[ $status == $1 ]] || wrong "${*:2} ends with status $status, not $1"
}

# wrong WHAT...: fails, and shows what the last command printed
wrong() {
	fail "$*"$'\n'"--- stdout"$'\n'"$(head -c 4000 "$work/out")"$'\n'"--- stderr"$'\n'"$(head -c 4000 "$work/err")"
}

# check WHAT-IS-WRONG-IF-NOT COMMAND...
check() {
	checks=$((checks + 1))
	"${@:2}" >/dev/null 2>&1 || wrong "$1"
}

prints() { check "it does not print: $1" grep -qF -- "$1" "$work/out"; }
prints_not() { check "it prints: $1" not grep -qF -- "$1" "$work/out"; }
prints_nothing() { check "it prints something" test ! -s "$work/out"; }
complains() { check "it does not complain: $1" grep -qF -- "$1" "$work/err"; }
complains_not() { check "it complains: $1" not grep -qF -- "$1" "$work/err"; }
is_quiet() { check "it complains" test ! -s "$work/err"; }

# In one line.
complains_once() {
	complains "$1"
	check "it complains in more than one line" test "$(wc -l <"$work/err")" = 1
}

# json FILTER: is that true of the JSON that it printed?
json() { check "not so: $1" jq -e "$1" "$work/out"; }

# holds NAME COMMAND...
holds() { check "not so: $1" "${@:2}"; }

not() { ! "$@"; }

# ---- texts

# same WHAT IS SHOULD
same() { [[ $2 == "$3" ]] || fail "$1 is:"$'\n'"$2"$'\n'"and should be:"$'\n'"$3"; }

# has TEXT PART
has() { [[ $1 == *"$2"* ]] || fail "there is no \"$2\" in:"$'\n'"$1"; }

# ---- what is there, and for whom

# file_of PACKAGE PATTERN: the package's file whose path matches, if it is installed
file_of() { dpkg-query -L "$1" 2>/dev/null | grep -E "$2" | sed -n 1p | grep .; }

# unprivileged COMMAND...: as nobody. For root
unprivileged() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# open_to_all: from then on nobody reaches $work, with a copy of the launcher in it
open_to_all() {
	chmod 755 "$work"
	install -m 755 "$launcher" "$work/upshift"
}

# ---- the end

finish() {
	echo "$checks checks, $failed failed"
	((failed == 0))
}

# Each case in a directory of its own.
run_cases() {
	local name failed=0 output directory
	for name in $(compgen -A function case_); do
		directory=$(mktemp -d)
		if output=$(in_case=$name && cd "$directory" && "$name" 2>&1); then
			grep '^skipped: ' <<<"$output" || true
		else
			printf '%s: %s\n' "$name" "$output"
			failed=1
		fi
		rm -rf "$directory"
	done
	exit "$failed"
}
