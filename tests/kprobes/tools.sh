#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# In a virtual machine: libbpf-tools that use kprobes, each without and with upshift, while programs do the same
# things for it to see. Usage: tools.sh LIBUPSHIFT NO-FUNCTIONS SUITE [TOOL-GLOB], the second is no_functions.c's.
# Prints a line for each, "row|TOOL|SEEN|LINKS WITHOUT|LINKS WITH|RESULT", and what differs. Fails if anything does.
# shellcheck disable=SC2317 # much is called by its name in a variable
set -uo pipefail
library=$1 no_functions=$2 suite=$3 glob=${4:-*}
suffix=-libbpf
[[ $suite != bookworm ]] || suffix=
work=$(mktemp -d)
patience=60
failed=0
cd "$work" || exit 1

# ---- What is seen: busybox under a name of its own, on files, addresses and capabilities

as() { (exec -a "$1" "$work/upshift-work" "${@:2}"); }

# A process that waits to be one of those, for tools that are told its number
sleeper=
start_sleeper() {
	(kill -STOP "$BASHPID"; exec -a dd "$work/upshift-work" if="$work/data" of=/dev/null bs=1024) 2>/dev/null &
	sleeper=$!
}
wake_sleeper() { kill -CONT "$sleeper"; wait "$sleeper"; }
copy() { as dd if="$work/data" of=/dev/null bs=1024 2>/dev/null; }
files() {
	local i
	for i in 1 2 3; do as touch "$work/file$i"; done
	for i in 1 2 3; do as rm "$work/file$i"; done
}
connection() {
	local i server
	as nc -l -p 4711 >/dev/null </dev/null &
	server=$!
	for ((i = 0; i < 200; i++)); do grep -q ':1267 .* 0A ' /proc/net/tcp* && break; sleep 0.05; done
	as nc 127.0.0.1 4711 <"$work/data" >/dev/null
	wait "$server"
}
three_connections() { connection; connection; connection; }
names() { as hostname one; as hostname two; as hostname three; }
out_of_memory() {
	local victim i
	(exec -a sleep "$work/upshift-work" 100) &
	victim=$!
	until [[ $(cat "/proc/$victim/comm") == upshift-work ]]; do sleep 0.05; done
	echo 1000 >"/proc/$victim/oom_score_adj"
	echo 1 >/proc/sys/kernel/sysrq
	echo f >/proc/sysrq-trigger
	for ((i = 0; i < 200; i++)); do kill -0 "$victim" 2>/dev/null || break; sleep 0.05; done
	wait "$victim" 2>/dev/null
}

# ---- What of a tool's output is the same each time

# columns REGEX COLUMN...: these columns of the lines that match
columns() {
	grep -E "$1" | awk -v wanted="${*:2}" '{ n = split(wanted, column, " "); line = ""
		for (i = 1; i <= n; i++) line = line $column[i] " "; print line }' | sort | uniq -c
}
histogram() { awk '$2 == "->" && $4 == ":" { n += $5 } END { print n, "in a histogram" }'; }
# The name of what is seen, and all behind it
seen() { grep -oE "$1" | tr -s ' ' | sort | uniq -c; }
# There were some: how many is nobody's to say.
any() { if (($(grep -cE -e "$1") > 0)); then echo '1 or more'; else echo none; fi; }

# ---- One run

# Until it sleeps where tools wait for events, three looks in a row.
await_waiting() {
	local deadline=$((SECONDS + patience)) quiet=0 place
	while ((quiet < 3 && SECONDS < deadline)); do
		kill -0 "$1" 2>/dev/null || return 1
		place=$(cat "/proc/$1/wchan" 2>/dev/null)
		case $place in
		*epoll* | *ep_poll* | *sys_poll* | *nanosleep* | *poll_schedule* | *do_sigtimedwait* | *pause*) ((++quiet)) ;;
		*) quiet=0 ;;
		esac
		sleep 0.1
	done
}

# Of one process, as "1 kprobe_multi + 2 perf"
link_types() {
	cat "/proc/$1"/fdinfo/* 2>/dev/null | awk '
		/^link_type:/ { type = $2 } /^link_id:/ && !known[$2]++ { links[type]++ }
		END { for (t in links) print links[t], t }' | sort -k 2 | paste -sd + | sed 's/+/ + /g'
}

# run HOW WORK TOOL [ARGUMENT...]: HOW is without or with. Its output is then in HOW.out, its links in HOW.links.
run() {
	local how=$1 work_to_see=$2 preload='' tool status
	shift 2
	[[ $how == without ]] || preload=$library
	[[ " $* " != *' @sleeper@ '* ]] || start_sleeper
	LD_PRELOAD=$preload UPSHIFT_KPROBES=on UPSHIFT_REPORT=$work/report \
		stdbuf -oL "${@/@sleeper@/$sleeper}" >"$how.out" 2>"$how.err" </dev/null &
	tool=$!
	if await_waiting "$tool"; then
		link_types "$tool" >"$how.links"
		"$work_to_see"
		await_waiting "$tool"
		[[ ${end-} == itself ]] || kill -INT "$tool" 2>/dev/null
	else
		echo "does not run" >"$how.links"
	fi
	(sleep "$patience"; kill -KILL "$tool") 2>/dev/null &
	wait "$tool" 2>/dev/null
	status=$?
	kill $! 2>/dev/null
	echo "status $status" >>"$how.err"
}

# What a tool complains of is the same but for numbers.
errors() { sed -E 's/0x[0-9a-f]+|[0-9]+/N/g' "$1.err" | sort -u; }

# row NAME WORK 'FILTER...' TOOL [ARGUMENT...]: the tool's name gets its suffix here
row() {
	local name=$1 filter=$3 result=same how
	# shellcheck disable=SC2053 # it is a pattern
	[[ $4 == $glob ]] || return 0
	if ! command -v "$4$suffix" >/dev/null; then
		echo "row|$name|||| not in $suite"
		return
	fi
	rm -f report
	for how in without with; do
		run "$how" "$2" "$4$suffix" "${@:5}"
		eval "$filter" <"$how.out" >"$how.seen"
	done
	cmp -s without.seen with.seen || result='OUTPUT DIFFERS'
	diff <(errors without) <(errors with) >errors.diff || result='ERRORS DIFFER'
	if [[ $result != same ]]; then
		failed=1
	elif [[ $(cat without.links) == 'does not run' ]]; then
		result='does not run here' # also without upshift
	elif ! grep -q '[1-9]' without.seen; then
		result='sees nothing here'
	fi
	printf 'row|%s|%s|%s|%s|%s\n' "$name" "$(awk '{ n += $1 } END { print n + 0 }' without.seen)" \
		"$(cat without.links)" "$(cat with.links)" "$result"
	sed -n 's/.*"event": *"attach".*"path": *"perf".*"reason": *"\([^"]*\)".*/\1/p' report 2>/dev/null | sort |
		uniq -c | sed "s/^/why|$name|/"
	[[ $result == [a-z]* ]] || tail -n 30 without.seen with.seen errors.diff without.err with.err without.out with.out report
	[[ $result != sees* && $result != does* ]] || head -n 3 without.out without.err | sed "s/^/note|$name|/"
}

busybox mkdir -p /usr/local/bin
busybox --install -s /usr/local/bin
cp "$(command -v busybox)" "$work/upshift-work"
head -c 65536 /dev/zero >"$work/data"
ip link set lo up

w=upshift-work
row ksnoop files "seen 'vfs_unlink\('" ksnoop trace vfs_unlink
"$no_functions" "$work/btf" && mount --bind "$work/btf" /sys/kernel/btf/vmlinux || exit 1

row bindsnoop connection "seen '$w.*'" bindsnoop
row capable names "seen '$w.*SYS_ADMIN.*'" capable
row filelife files "columns '$w.*file' 3 5" filelife
end=itself row filetop copy "seen '$w.* data'" filetop -C -r 1000 10 1
row "funclatency -p" wake_sleeper histogram funclatency -u -p @sleeper@ vfs_read
row funclatency files histogram funclatency vfs_unlink
row oomkill out_of_memory "grep $w | seen 'OOM kill'" oomkill
end=itself row slabratetop files "any '^(dentry|filp|kmalloc|names_cache|skbuff|vm_area)'" slabratetop -C 5 1
row tcpconnect three_connections "seen '$w.*4711'" tcpconnect
row tcptracer three_connections "grep $w | seen '^[CAX] '" tcptracer
end=itself row tcptop connection "grep $w | any ':4711'" tcptop -C 10 1
# Where the kernel's BTF has their functions these use fentry.
row tcpconnlat three_connections "seen '$w.*4711'" tcpconnlat
row tcprtt three_connections "any '->'" tcprtt
row tcpsynbl three_connections "any '->'" tcpsynbl
row solisten connection "seen '$w.*'" solisten
end=itself row vfsstat copy "any '^[0-9:]+'" vfsstat 8 1
end=itself row cachestat copy "any '^ *[0-9]+'" cachestat 8 1
row klockstat files "any 'Caller|mutex|lock'" klockstat
row biostacks files "any '.'" biostacks
exit "$failed"
