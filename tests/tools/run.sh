# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # scripts/compat-tools sets them
# One run of one tool: start it, wait until it has attached, let the program work, Ctrl-C.

declare -A seen # "MODE WHAT": what a run showed

# A tool that has neither attached nor ended after so many seconds, or not ended so long after Ctrl-C, hangs.
patience=60

# measure MODE WORKLOAD END COMMAND... ; fills seen[MODE ...] and $work/MODE.{out,err,events}
# END is interrupt, or itself for a tool that ends without being told to.
measure() {
	local mode=$1 workload=$2 end=$3 status=0 input=/dev/null tool_input settings=() group begin
	start_workload "$workload"
	local command=("${@:4}")
	command=("${command[@]//%pid%/$target}")
	rm -f "$dir/opt/upshift/report"
	[[ $mode == without ]] ||
		settings=(LD_PRELOAD=/opt/upshift/libupshift.so UPSHIFT_REPORT=/opt/upshift/report)
	if [[ $workload == child ]]; then
		rm -f "$work/input" && mkfifo "$work/input" && input=$work/input
	fi

	# A process group of its own, which the terminal would send SIGINT to; what is started without job control
	# ignores SIGINT.
	set -m
	chroot "$dir" env -u LD_PRELOAD PYTHONUNBUFFERED=1 "${settings[@]}" "${command[@]}" \
		>"$work/$mode.out" 2>"$work/$mode.err" <"$input" &
	group=$! started=("$!")
	set +m
	[[ $workload != child ]] || exec {tool_input}>"$input"

	if await_attached "$group"; then
		look_at "$mode" "$group"
		work_of "$workload" || die "the program that ${command[0]} traces did not answer"
		[[ $end == itself || $workload == child ]] || settle "$group"
	else
		seen[$mode perf]=0 seen[$mode links]=0 seen[$mode uprobes]=0 seen[$mode attached]=0 seen[$mode waited]=
	fi
	begin=$EPOCHREALTIME
	[[ $workload != child ]] || end=itself
	await_end "$group" "$end" || status=$?
	seen[$mode exit]=$(seconds_since "$begin")
	seen[$mode status]=$status
	started=()
	end_workload "$workload" >"$work/$mode.program"
}

# members_of PID: sets $members to it and all its children; a tool can be a script that starts another
members_of() {
	local children=
	members=("$1")
	{ read -r children <"/proc/$1/task/$1/children" || true; } 2>/dev/null
	local child all=("$1")
	for child in $children; do
		members_of "$child"
		all+=("${members[@]}")
	done
	members=("${all[@]}")
}

is_waiting() {
	local pid members
	members_of "$1"
	for pid in "${members[@]}"; do
		# shellcheck disable=SC2154 # from tools.sh
		! waits_in "$pid" "$waiting_for_events" || return 0
	done
	return 1
}

# attached GROUP: how many uprobes, on perf events and links, and on how many links
attached() {
	local members
	members_of "$1"
	echo "$(perf_uprobes "${members[@]}")" "$(multi_uprobes "${members[@]}")"
}

# Until it waits for events with something attached, and nothing more comes; fails if it ends before. A tool that
# waits with nothing attached has found nothing to attach to, if that lasts.
await_attached() {
	local deadline=$((SECONDS + patience)) before='' now unchanged=0 enough
	while kill -0 -- "-$1" 2>/dev/null && ((SECONDS < deadline)); do
		now=
		if is_waiting "$1"; then now=$(attached "$1"); fi
		if [[ $now && $now == "$before" ]]; then unchanged=$((unchanged + 1)); else unchanged=0; fi
		if [[ $now == "0 0 0" ]]; then enough=25; else enough=1; fi
		if ((unchanged >= enough)); then return 0; fi
		before=$now
		sleep 0.04
	done
	return 1
}

look_at() {
	local perf links uprobes
	read -r perf links uprobes <<<"$(attached "$2")"
	seen[$1 perf]=$perf seen[$1 links]=$links seen[$1 uprobes]=$uprobes
	seen[$1 waited]=1 seen[$1 attached]=$((perf + uprobes > 0))
}

# Until the tool has read all events: either it sleeps on, or it looks from time to time and has done so since.
settle() {
	local deadline=$((SECONDS + patience)) first quiet=0 before now
	first=$(sleeps "$1") before=$first
	while ((quiet < 4 && SECONDS < deadline)); do
		sleep 0.03
		now=$(sleeps "$1")
		if is_waiting "$1" && ((now == before || now > first + 3)); then quiet=$((quiet + 1)); else quiet=0; fi
		before=$now
	done
}

sleeps() {
	local pid members
	members_of "$1"
	for pid in "${members[@]}"; do cat "/proc/$pid"/task/*/status 2>/dev/null || true; done |
		awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n + 0 }'
}

# await_end GROUP END: its exit status. bpftrace 0.17 misses a Ctrl-C that comes while it is not in epoll_wait(), and
# waits on; a user would press again.
await_end() {
	local deadline=$((SECONDS + patience)) next_press=$((SECONDS + 5))
	[[ $2 == itself ]] || press_ctrl_c "$1"
	while kill -0 -- "-$1" 2>/dev/null; do
		if [[ $2 != itself ]] && ((SECONDS >= next_press)) && is_waiting "$1"; then
			press_ctrl_c "$1"
			next_press=$((SECONDS + 5))
		fi
		((SECONDS < deadline)) || kill -KILL -- "-$1"
		sleep 0.01
	done
	wait "$1"
}

press_ctrl_c() { kill -INT -- "-$1" 2>/dev/null || true; }

stop_started() {
	local group
	for group in "${started[@]}"; do kill -KILL -- "-$group" 2>/dev/null || true; done
}
