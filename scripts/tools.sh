# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# What the kernel says about running tools, for scripts/demo and scripts/compat-tools. Sourced, not run.

# perf_uprobes PID...: how many uprobes they have on perf events. Those show themselves only to
# BPF_TASK_FD_QUERY, which is what `bpftool perf` asks.
perf_uprobes() {
	bpftool perf show | awk -v pids="$*" 'BEGIN { split(pids, list); for (i in list) wanted[list[i]] }
		$1 == "pid" && $2 in wanted && / u(ret)?probe / { n++ } END { print n + 0 }'
}

# link_types PID...: "3 uprobe_multi + 1 uretprobe_multi"; a link that two descriptors share counts once
link_types() {
	fd_infos "$@" | awk '/^link_type:/ { type = $2 } /^link_id:/ && !known[$2]++ { links[type]++ }
		END { for (t in links) { printf "%s%d %s", plus, links[t], t; plus = " + " }; if (!plus) printf "none" }'
}

# multi_uprobes PID...: "LINKS UPROBES", how many uprobe_multi links they have, on how many uprobes
multi_uprobes() {
	fd_infos "$@" | awk '/^link_type:/ { type = $2 } /^link_id:/ { new = type ~ /^u.*_multi$/ && !known[$2]++; links += new }
		/^uprobe_cnt:/ && new { uprobes += $2 } END { print links + 0, uprobes + 0 }'
}

# A process may end, or close a descriptor, while it is looked at.
fd_infos() {
	local pid
	for pid; do cat "/proc/$pid"/fdinfo/* 2>/dev/null || true; done
}

# waits_in PID WCHAN-PATTERN: whether the process sleeps in that place of the kernel
waits_in() {
	local place=
	{ read -r place <"/proc/$1/wchan" || true; } 2>/dev/null
	# shellcheck disable=SC2053 # it is a pattern
	[[ $place == $2 ]]
}

# Where tracing tools wait for events, or for the user's Ctrl-C.
# shellcheck disable=SC2034 # who sources it uses it
waiting_for_events='@(*epoll*|*ep_poll*|*sys_poll*|*poll_schedule*|*nanosleep*)'

# await PID WCHAN-PATTERN: until the process sleeps in that place of the kernel
await() {
	local deadline=$((SECONDS + 120))
	until waits_in "$@"; do
		kill -0 "$1" 2>/dev/null && ((SECONDS < deadline)) || return 1
		sleep 0.01
	done
}

seconds_since() { awk -v then="$1" -v now="$EPOCHREALTIME" 'BEGIN { printf "%.2f", now - then }'; }
