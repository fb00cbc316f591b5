# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # who sources it uses them
# What the tests of the launcher share. Sourced, with the launcher and the source directory as arguments: every
# function whose name begins with case_ is a case, run by run_cases in a directory of its own.
set -uo pipefail
export LC_ALL=C
launcher=$1 source=$2
unset LD_PRELOAD

# Ends the case.
fail() { printf '%s\n' "$*"; exit 1; }

# same WHAT IS SHOULD
same() { [[ $2 == "$3" ]] || fail "$1 is:"$'\n'"$2"$'\n'"and should be:"$'\n'"$3"; }

# has TEXT PART
has() { [[ $1 == *"$2"* ]] || fail "there is no \"$2\" in:"$'\n'"$1"; }

skip() { printf 'skipped: %s: %s\n' "${0##*/}" "$*"; exit 0; }

run_cases() {
	local name failed=0 output directory
	for name in $(compgen -A function case_); do
		directory=$(mktemp -d)
		if output=$(cd "$directory" && "$name" 2>&1); then
			grep '^skipped: ' <<<"$output"
		else
			printf 'FAILED: %s\n%s\n' "$name" "$output"
			failed=1
		fi
		rm -rf "$directory"
	done
	exit "$failed"
}
