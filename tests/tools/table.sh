# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154 # scripts/compat-tools sets them
# The comparison of two runs, and the table of all.

declare -A seen  # "MODE WHAT": what one run showed
declare -A notes # why something could not run, or differs: "NAME" to text
order=()         # the names of $notes, as they came
same=0 failed=0 impossible=0

layout='%-52s %13s %11s %16s %9s %6s %15s  %s\n'

print_header() {
	# shellcheck disable=SC2059
	printf "$layout" '' events 'uprobes on' 'on uprobe_multi' exit stderr 'seconds to' ''
	# shellcheck disable=SC2059
	printf "$layout" 'suite/group/tool' '' 'perf events' '(links)' status same 'exit' verdict
	# shellcheck disable=SC2059
	printf "$layout" '' without/with without/with without/with w/w '' without/with ''
}

selected() {
	local glob
	# shellcheck disable=SC2053 # it is a pattern
	for glob in "${globs[@]}"; do [[ $1 != $glob ]] || return 0; done
	return 1
}

# row NAME WORKLOAD FILTER COMMAND...: both runs, and a line of the table. Variables can precede it: $end
# (itself: the tool needs no Ctrl-C) and $cannot (a regex: for this reason the tool may attach or
# count nothing, with and without upshift); $left_out says why rows cannot be compared at all.
row() {
	local name=$suite/$group/$1 workload=$2 filter=$3 problems=() verdict
	selected "$name" || return 0
	case ${list-} in
	names) echo "$name" && return ;;
	commands) echo "${4##*/}" && return ;;
	esac
	if [[ ${left_out-} ]]; then
		printf '%-52s %s\n' "$name" "left out: $left_out"
		return
	fi
	local mode
	for mode in without with; do
		measure "$mode" "$workload" "${end:-interrupt}" "${@:4}"
		eval "$filter" <"$work/$mode.out" >"$work/$mode.events"
		seen[$mode events]=$(awk '{ n += $1 } END { print n + 0 }' "$work/$mode.events")
		error_output "$work/$mode.err" >"$work/$mode.errors"
	done
	judge
	print_row "$name"
	[[ ! ${KEEP_OUTPUT-} ]] || { mkdir -p "$KEEP_OUTPUT/$name" && cp "$work"/with* "$KEEP_OUTPUT/$name"
		cp "$dir/opt/upshift/report" "$KEEP_OUTPUT/$name" 2>/dev/null || true; }
}

all_rows() {
	local group
	for group in libbpf-tools bpftrace bcc; do "rows_of_${group//-/_}"; done
}

# Sets $verdict and $problems.
judge() {
	cmp -s "$work"/{without,with}.errors || problems+=("stderr: $(difference errors)")
	[[ ${seen[without status]} == "${seen[with status]}" ]] ||
		problems+=("exit status ${seen[without status]}, with upshift ${seen[with status]}")
	cmp -s "$work"/{without,with}.events || problems+=("events: $(difference events)")
	cmp -s "$work"/{without,with}.program || problems+=("the program: $(difference program)")
	[[ ${seen[without attached]} == "${seen[with attached]}" ]] || problems+=("only one of the two attached")
	((!multi)) || judge_path
	if ((${#problems[@]})); then
		verdict=FAIL
	elif [[ ${seen[without attached]} == 1 && ${seen[without events]} != 0 ]]; then
		verdict=same
	else
		problems=("$(why_not)")
		if [[ ${cannot-} && ${problems[0]} =~ $cannot ]]; then verdict='cannot run here'; else verdict=FAIL; fi
	fi
}

# Those for one process stay on perf events, unless UPSHIFT_PID=multi is in the environment.
judge_path() {
	local perf=${seen[with perf]} report=$dir/opt/upshift/report
	((perf == 0 || perf <= $(for_one_process "$report"))) ||
		problems+=("$perf uprobes on perf events: $(reasons_for_perf "$report")")
	[[ $(all_uprobes without) == "$(all_uprobes with)" ]] || problems+=("another number of uprobes")
}

all_uprobes() { local perf=${seen[$1 perf]} multi=${seen[$1 uprobes]}; echo $((perf + multi)); }

difference() { diff "$work"/{without,with}."$1" | grep '^[<>]' | head -n 4 | tr '\n' '|' | cut -c -300 || true; }

# Why a tool attached or counted nothing, without upshift: the last that it said.
why_not() {
	local status=${seen[without status]}
	if ((status > 128)); then
		echo "ends by signal $((status - 128))"
	elif [[ ${seen[without waited]} && ${seen[without attached]} == 0 ]]; then
		echo "finds nothing to attach to"
	else
		cat "$work"/without.{out,err} | grep -v '^[[:space:]]*$' | tail -n 2 | tr '\n' '|' | cut -c -300 || true
	fi
}

# What UPSHIFT_REPORT has about the uprobes that stayed on perf events
reasons_for_perf() {
	sed -n '/"event":"attach".*"path":"perf"/s/.*"reason":"\([^"]*\)".*/\1/p' "$1" | sort | uniq -c | tr '\n' ' '
}

# How many stayed there for being of one process
for_one_process() { sed -n '/"event":"attach".*"path":"perf".*"it is for one process/p' "$1" | wc -l; }

both() { printf '%s/%s' "${seen[without $1]}" "${seen[with $1]}"; }

print_row() {
	local stderr=same
	cmp -s "$work"/{without,with}.errors || stderr=other
	# shellcheck disable=SC2059
	printf "$layout" "$1" "$(both events)" "$(both perf)" \
		"${seen[without uprobes]}(${seen[without links]})/${seen[with uprobes]}(${seen[with links]})" \
		"$(both status)" "$stderr" "$(both exit)" "$verdict"
	case $verdict in
	same) same=$((same + 1)) ;;
	FAIL) failed=$((failed + 1)) ;;
	*) impossible=$((impossible + 1)) ;;
	esac
	if ((${#problems[@]})); then
		order+=("$1") notes[$1]=$verdict:$(printf ' %s;' "${problems[@]}")
	fi
}

print_end() {
	local name
	((${#order[@]} == 0)) || say "Not the same, or not possible here, and why"
	for name in "${order[@]}"; do printf '%s\n    %s\n' "$name" "${notes[$name]}"; done
	say "What differs by design, in all rows"
	cat <<-'END'
		uprobes on perf events, without: the same number is on uprobe_multi with upshift (links of the tool's own stay),
		but for those of one process (-p), which stay on perf events. With UPSHIFT_PID=multi they do not.
		seconds to exit: of information only; the kernel closes perf uprobes one by one, for the whole machine.
	END
	say "$same the same, $impossible cannot run here with or without upshift, $failed failed"
	((${#uncovered[@]} == 0)) || echo "They use uprobes or USDT, but have no row: ${uncovered[*]}"
	((failed == 0 && ${#uncovered[@]} == 0))
}
