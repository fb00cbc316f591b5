#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# upshift inspect on processes: a tracing tool without and with upshift.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
built=$2

# eventually PID FILTER: it becomes true of what is told about the process
eventually() {
	local deadline=$((SECONDS + 60))
	until "$launcher" inspect --json "$1" 2>"$work/err" | tee "$work/out" | jq -e "$2" >/dev/null; do
		if ((SECONDS > deadline)); then
			wrong "process $1: never $2"
			return 0
		fi
		sleep 0.1
	done
	checks=$((checks + 1))
}

# bpftrace misses a gentler signal that comes while it attaches.
stop() {
	kill -KILL "$1"
	wait "$1" || true
}

UPSHIFT_LOG=error UPSHIFT_SKIP='a:b' UPSHIFT_PID=multi LD_PRELOAD='' sleep 300 &
pid=$!
eventually "$pid" '.file | test("sleep$")'
eventually "$pid" '.process | .environment == {UPSHIFT_LOG: "error", UPSHIFT_SKIP: "a:b", UPSHIFT_PID: "multi", LD_PRELOAD: null} and .links == {}'
eventually "$pid" '.pid == {upgrade: "yes", reason: null}'
eventually "$pid" ".process.pid == $pid and .process.preload == null and .libbpf.reach == \"none\""
if ((EUID == 0)); then
	open_to_all
	gives 1 unprivileged "$work/upshift" inspect "$pid"
	complains_once 'only its owner and root may look at it'
fi
kill "$pid"

tool=$(file_of bpftrace '/bin/bpftrace$') || skip_all "bpftrace is not installed"
"$launcher" inspect --json "$tool" | jq -e '.kernel.uprobe_multi_link and .kernel.pid_filter' >/dev/null ||
	skip_all "the kernel has no uprobe_multi links"

program="uprobe:$built/launcher-tool:main { exit(); }"
"$tool" -e "$program" >/dev/null 2>&1 &
pid=$!
eventually "$pid" '.process | .perf_events >= 1 and .programs >= 1 and .maps >= 1 and .preload == null'
json '.process.links.uprobe_multi == null'
json '.libbpf.bcc and (.libbpf.version | test("^1\\.[0-9]+"))'
stop "$pid"

"$launcher" run --log error "$tool" -e "$program" >/dev/null 2>&1 &
pid=$!
eventually "$pid" '.process.links.uprobe_multi == 1'
json '(.process.preload | test("/libupshift.so$")) and .preload.reaches'
json '.process.environment.UPSHIFT_LOG == "error"'
gives 0 "$launcher" inspect "$pid"
holds "text: the links" grep 'holds now .* 1 uprobe_multi links' "$work/out"
holds "text: the library" grep 'preload *is in it' "$work/out"
stop "$pid"
finish
