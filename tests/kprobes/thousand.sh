#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# In a virtual machine: a libbpf tool with 1,000 kprobes, without and with upshift.
# Usage: thousand.sh LIBUPSHIFT SCENARIO-PROGRAM
# Prints "row|HOW|LINKS|SECONDS TO ATTACH|SECONDS TO DETACH" lines. Fails if the tool sees something else.
set -euo pipefail
library=$1 program=$2
work=$(mktemp -d)
ulimit -n 8192
busybox mkdir -p /usr/local/bin
busybox --install -s /usr/local/bin

# run HOW [NAME=VALUE...]
run() {
	local how=$1 attach detach
	if ! env "${@:2}" SCENARIO_TIMES=1 "$program" kprobe-thousand >"$work/$how.out" 2>"$work/$how.err"; then
		cat "$work/$how.out" "$work/$how.err"
		exit 1
	fi
	grep -v '^link' "$work/$how.out" >"$work/$how.seen"
	read -r _ attach _ detach <"$work/$how.err"
	printf 'row|%s|%s|%s|%s\n' "$how" "$(sed -n 's/^link //p' "$work/$how.out")" "$attach" "$detach"
	cmp "$work/without.seen" "$work/$how.seen"
}

run without
run with LD_PRELOAD="$library" UPSHIFT_KPROBES=on
cat "$work/without.seen"
