#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# upshift inspect on processes: a tracing tool without and with upshift.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# eventually PID FILTER: it becomes true of what is told about the process
eventually() {
	local deadline=$((SECONDS + 60))
	until "$upshift" inspect --json "$1" 2>"$work/err" | tee "$work/out" | jq -e "$2" >/dev/null; do
		if ((SECONDS > deadline)); then
			fail "process $1: never $2: $(jq -c . "$work/out"; cat "$work/err")"
			return 0
		fi
		sleep 0.1
	done
	passed=$((passed + 1))
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
	chmod 755 "$work" && cp "$upshift" "$work/upshift" && chmod 755 "$work/upshift"
	holds "without privilege: status 1" test 1 = \
		"$(status_of setpriv --reuid 65534 --regid 65534 --clear-groups "$work/upshift" inspect "$pid")"
	says "without privilege" 'only its owner and root may look at it' "$work/err"
fi
kill "$pid"

tool=$(file_of bpftrace '/bin/bpftrace$') || { echo "skipped: inspect-process: bpftrace is not installed"; exit 77; }
"$upshift" inspect --json "$tool" | jq -e '.kernel.uprobe_multi_link and .kernel.pid_filter' >/dev/null ||
	{ echo "skipped: inspect-process: the kernel has no uprobe_multi links"; exit 77; }

program="uprobe:$built/launcher-tool:main { exit(); }"
"$tool" -e "$program" >/dev/null 2>&1 &
pid=$!
eventually "$pid" '.process | .perf_events >= 1 and .programs >= 1 and .maps >= 1 and .preload == null'
holds "no multi link without upshift" jq -e '.process.links.uprobe_multi == null' "$work/out"
holds "libbpf, as it is mapped" jq -e '.libbpf.bcc and (.libbpf.version | test("^1\\.[0-9]+"))' "$work/out"
stop "$pid"

"$upshift" run --log error "$tool" -e "$program" >/dev/null 2>&1 &
pid=$!
eventually "$pid" '.process.links.uprobe_multi == 1'
holds "the library in it" jq -e '(.process.preload | test("/libupshift.so$")) and .preload.reaches' "$work/out"
holds "its settings" jq -e '.process.environment.UPSHIFT_LOG == "error"' "$work/out"
"$upshift" inspect "$pid" >"$work/text"
holds "text: the links" grep -q 'holds now .* 1 uprobe_multi links' "$work/text"
holds "text: the library" grep -q 'preload *is in it' "$work/text"
stop "$pid"
finish
