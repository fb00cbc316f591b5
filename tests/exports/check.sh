#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# The exported symbols are exactly the functions of hooks.def; there are no version definitions, which would keep
# the preload from being bound; and nothing but libc is needed.
# Usage: check.sh LIBRARY HOOKS_DEF
set -eu
library=$1 hooks=$2
export LC_ALL=C
failed=0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Two lists that have to be the same; what is in one of them only is shown.
same() {
	if ! diff "$2" "$3" >"$work/diff"; then
		echo "$1 differ:"
		cat "$work/diff"
		failed=1
	fi
}

nm -D --defined-only "$library" | awk '{ print $NF }' | sort >"$work/exported"
sed -n 's/^LIB[A-Z]*_HOOK([^,]*, *\([a-z_A-Z0-9]*\),.*/\1/p' "$hooks" | sort >"$work/hooked"
[ -s "$work/hooked" ] || { echo "no hook found in $hooks"; failed=1; }
same "the library's exports and hooks.def" "$work/exported" "$work/hooked"

if grep -q '@' "$work/exported" || readelf -d -W "$library" | grep -q 'VERDEF'; then
	echo "the library has version definitions"
	failed=1
fi
needed=$(readelf -d -W "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' | grep -v -e '^libc\.so\.6$' -e '^ld-linux' || true)
if [ -n "$needed" ]; then
	echo "the library needs $needed"
	failed=1
fi
exit $failed
