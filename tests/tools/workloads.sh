# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154 # scripts/compat-tools sets them
# The programs that are traced. Each answers a line with the same work and "done" (bash: in its own way).

# start_workload NAME: sets $target to its pid
start_workload() {
	case $1 in
	target | ruby) start_program "/opt/upshift/$1" ;;
	python) start_program python3 /opt/upshift/work.py /opt/upshift/tls.pem ;;
	java) start_program java -Xmx64m -Xint -XX:+UseSerialGC -XX:+DTraceMethodProbes -cp /opt/upshift Work ;;
	bash | child) target='' ;;
	esac
}

# At the same addresses each time: some tools hash stacks by them, and lose those that collide.
start_program() {
	local answer
	coproc PROGRAM { exec setarch -R chroot "$dir" "$@" 2>/dev/null; }
	program=$PROGRAM_PID
	read -r -t 60 answer target <&"${PROGRAM[0]}" || die "$1 did not start in $dir"
	[[ $answer == pid ]] || die "$1 said: $answer $target"
}

work_of() {
	local answer
	case $1 in
	bash) type_into_bash ;;
	child) echo >&"$tool_input" && exec {tool_input}>&- ;;
	*) echo >&"${PROGRAM[1]}" && read -r -t 60 answer <&"${PROGRAM[0]}" && [[ $answer == "done" ]] ;;
	esac
}

# end_workload NAME: prints what the program says at its end
end_workload() {
	local input
	[[ $1 != @(bash|child) ]] || return 0
	input=${PROGRAM[1]}
	exec {input}>&-
	cat <&"${PROGRAM[0]}"
	wait "$program" || true
}

# A person at a terminal; script(1) makes the terminal.
type_into_bash() {
	{ printf ': upshift %d\n' {1..20}; echo exit; } |
		TERM=dumb HISTFILE='' script -qec "chroot '$dir' bash --norc -i" /dev/null >/dev/null
}
