#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# valgrind.sh UPSHIFT SCENARIO: a tool that attaches and detaches under valgrind prints what it prints without.
command -v valgrind >/dev/null || { echo "skipped: there is no valgrind"; exit 77; }

# What valgrind itself has to say is not asked for; what sort of links they are is for other tests to say.
printed() {
	output=$(valgrind -q --log-file=/dev/null "$@" 2>&1)
	status=$?
	echo "$output" | grep -v '^link'
	return $status
}

# Not those that trace the tool itself: valgrind does not run into breakpoints as a CPU does.
for row in detach-many detach-threads; do
	without=$(printed "$2" "$row") || { echo "skipped: valgrind cannot run this: $without"; exit 77; }
	with=$(LD_PRELOAD=$1 printed "$2" "$row") && [ "$with" = "$without" ] && continue
	printf '%s prints with upshift:\n%s\nwithout:\n%s\n' "$row" "$with" "$without"
	exit 1
done
