#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# What upshift inspect says of a tool's programs is what the library then reports of their attaches.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
built=$2

# agrees SCENARIO BUILD: every program that it attaches is judged as it came out
agrees() {
	local name="$1, $2" tool=$built/scenario-$2
	rm -f "$work/report"
	"$launcher" run --log error --report "$work/report" "$tool" "$1" >/dev/null 2>&1 || true
	"$launcher" inspect --json "$tool" >"$work/inspected"
	jq -s 'map(select(.event == "attach") | {program, path, reason}) | unique' "$work/report" >"$work/attached"
	holds "$name: something was attached" jq -e 'length > 0' "$work/attached"
	jq -c --slurpfile inspected "$work/inspected" '.[] | . as $attach
		| [$inspected[0].objects[].programs[] | select(.name == $attach.program)]
		| select(length == 0 or (all(.[]; if $attach.path == "multi"
			then .upgrade == "yes" or .upgrade == "if_uprobe"
			else .upgrade == "no" and .reason == $attach.reason end) | not))
		| {$attach, inspected: .}' "$work/attached" >"$work/differences"
	holds "$name: $(<"$work/differences")" test ! -s "$work/differences"
}

"$launcher" inspect --json "$built/scenario-shared" | jq -e '.kernel.asked' >/dev/null ||
	skip_all "the kernel cannot be asked"
for build in shared static; do
	for scenario in skeleton versioned-section usdt-section kprobe-section tail-call; do
		agrees "$scenario" "$build"
	done
done
# Which programs a static libbpf puts into a PROG_ARRAY is seen only when it does.
holds "static: callees are not known" jq -e '[.objects[].programs[] | select(.name | startswith("callee_"))]
	| length > 0 and all(.upgrade == "unknown")' "$work/inspected"
# A libbpf without these sections does not open the object; upshift teaches them to a shared one.
agrees section-single shared
finish
