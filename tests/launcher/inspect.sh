#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# upshift inspect on files: what it tells of real tools, and that nothing can make it crash.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# inspect FILE FILTER...: each jq filter is true of the JSON about it
inspect() {
	local file=$1 filter
	[[ $(status_of "$upshift" inspect --json "$file") == 0 ]] || { fail "$file: $(<"$work/err")"; return; }
	silent "$file: nothing on stderr" "$work/err"
	for filter in "${@:2}"; do
		if jq -e "$filter" "$work/out" >/dev/null; then
			passed=$((passed + 1))
		else
			fail "$file: not $filter: $(jq -c . "$work/out" | head -c 2000)"
		fi
	done
	[[ $(status_of "$upshift" inspect "$file") == 0 ]] || fail "$file: no text: $(<"$work/err")"
}

# refuses FILE TEXT: one line on stderr with that text, status 1
refuses() {
	local status
	status=$(status_of "$upshift" inspect "$1")
	holds "$1: status 1, not $status" test "$status" = 1
	says "$1" "$2" "$work/err"
	silent "$1: no output" "$work/out"
}

# program NAME CONDITION: a filter for one program, wherever it is
program() { printf '[.objects[].programs[] | select(.name == "%s")] | length == 1 and (.[0] | %s)' "$1" "$2"; }

# verdict NAME UPGRADE REASON; on a kernel that ignores what programs return
verdict() { program "$1" ".upgrade == \"$2\" and (.reason // \"\" | test(\"$3\"))"; }

# as_kprobe NAME UPGRADE REASON; with UPSHIFT_KPROBES=on
as_kprobe() { program "$1" ".kprobe | .upgrade == \"$2\" and (.reason // \"\" | test(\"$3\"))"; }

# What was compiled for it: by itself, and inside of a tool.
rules=(
	"$(program plain '.eligible == "yes" and .returns_zero and (.tail_calls or .overrides_return | not)')"
	"$(program returns_number '.returns_zero | not')"
	"$(program callee_returns_number '.returns_zero')"
	"$(program override_itself '.overrides_return')"
	"$(program override_two_calls_down '.overrides_return and .returns_zero')"
	"$(program override_in_callback '.overrides_return')"
	"$(program kernel_function '.returns_zero | not')"
	"$(program relocated_constant '.returns_zero | not')"
	"$(program not_loaded_by_itself '.section == "usdt.s/libc.so.6:libc:setjmp" and .eligible == "yes"')"
	"$(program kprobe_section '.eligible == "at_attach" and .kprobe != null')"
	"$(program single '.eligible == "no"')"
	"$(program versioned '.eligible == "no"')"
	"$(program multi '.eligible == "no"')"
	"$(program tracepoint '.eligible == "not_a_uprobe" and .registers == null and .kprobe == null')"
	"$(verdict override_itself no 'calls bpf_override_return')"
	"$(verdict single no 'the section asks for perf')"
	"$(verdict versioned no 'the section asks for perf')"
	"$(verdict multi no 'makes a multi link itself')"
	"$(verdict tracepoint no 'no uprobe')"
)
tail=(
	'.objects[-1] | .tail_calls and ([.maps[] | select(.name == "jumps" and .type == 3)] | length) == 1'
	"$(program caller '.tail_calls')"
	"$(program other '.tail_calls | not')"
	"$(verdict caller no 'part of tail calls')"
	"$(verdict other no 'part of tail calls')"
)
inspect "$built/rules.bpf.o" '.libbpf.reach == "object" and .preload == null and (.objects | length) == 1' \
	'.objects[0] | .offset == 0 and .damage == null and (.programs | length) == 14' "${rules[@]}"
inspect "$built/tail.bpf.o" "${tail[@]}"
inspect "$built/launcher-tool" '.pid | .upgrade == "no" and (.reason | test("UPSHIFT_PID"))' '.libbpf.reach == "shared"' '.libbpf.library | test("/libbpf\\.so\\.1$")' \
	'.libbpf.version | test("^1\\.[0-9]+\\.[0-9]+$")' '(.objects | length) == 2' '.preload.reaches' \
	'all(.objects[]; .damage == null and .offset > 0)' "${rules[@]}" "${tail[@]}"

# What programs read of their context, as the compiler made it.
declare -A registers=([nothing]='[]' [arguments_of_wanted]='["si","di"]' [result_of_started]='["ax"]'
	[part_of_a_register]='["dx","di"]' [callee_saved]='["r14"]' [on_one_path]='["r14","di"]' [spilled]='["di"]'
	[in_a_loop]='["si"]' [value_to_a_function]='["si","di"]' [stack]='["di"]'
	[to_a_function]=null [to_a_callback]=null [read_as_memory]=null)
read_registers=()
for name in "${!registers[@]}"; do
	[[ $(uname -m) == x86_64 ]] || registers[$name]=null
	read_registers+=("$(program "$name" ".registers == ${registers[$name]}")")
done
inspect "$built/registers.bpf.o" "${read_registers[@]}" "$(program stack '.reads_stack')" \
	"$(program spilled '.reads_stack | not')"

# Where their kprobes would go: first what holds for every kernel.
inspect "$built/registers.bpf.o" "$(as_kprobe offset no 'at an offset')" "$(as_kprobe module no 'of a named module')" \
	"$(as_kprobe single_kprobe no 'asks for perf')" "$(as_kprobe overrides no 'calls bpf_override_return')" \
	"$(as_kprobe stack no 'the program reads stacks')" "$(as_kprobe result_of_started no 'the process reads stacks')" \
	"$(program single_kprobe '.eligible == "no" and (.reason | test("asks for perf"))')"
inspect "$built/tail.bpf.o" "$(as_kprobe kernel_caller no 'part of tail calls')"
if [[ $("$upshift" probe --json | jq .upgrades_kprobes) == true ]]; then
	lacking='(if .upgrade == "no" then .reason | test("registers that are not the same") else .upgrade == "unknown" end)'
	inspect "$built/registers.bpf.o" "$(as_kprobe nothing unknown 'decided at the attach')" \
		"$(as_kprobe spilled unknown 'decided at the attach')" "$(as_kprobe missing unknown 'no symbol of that name')" \
		"$(as_kprobe of_a_syscall unknown 'decided at the attach')" "$(as_kprobe of_the_scheduler yes '^$')" \
		"$(program callee_saved ".kprobe | $lacking")" "$(program read_as_memory ".kprobe | $lacking")"
else
	skip "inspect: which kprobes would be upgraded, where none can be"
fi

# What this kernel says decides the rest.
if jq -e '.kernel.asked and .kernel.uprobe_multi_link and .kernel.pid_filter' "$work/out" >/dev/null 2>&1 ||
	"$upshift" inspect --json "$built/rules.bpf.o" |
	jq -e '.kernel.asked and .kernel.uprobe_multi_link and .kernel.pid_filter' >/dev/null; then
	inspect "$built/rules.bpf.o" "$(verdict plain yes '^$')" \
		"$(verdict kprobe_section if_uprobe 'decided at the attach')" \
		".kernel.return_ignored == ($(program returns_number '.upgrade == "yes"'))"
else
	skip "inspect: what would be upgraded, on a kernel that can or may not make uprobe_multi links"
fi
if ((EUID == 0)); then
	chmod 755 "$work"
	cp "$built/rules.bpf.o" "$upshift" "$work" && chmod 755 "$work"/*
	own=$upshift upshift=$work/upshift
	unprivileged() { setpriv --reuid 65534 --regid 65534 --clear-groups "$own_copy" "$@"; }
	own_copy=$upshift upshift=unprivileged
	inspect "$work/rules.bpf.o" '.kernel.asked or (.kernel.uprobe_multi_link == null)' \
		"if .kernel.asked then true else $(verdict plain unknown 'could not be asked') end" \
		"if .kernel.asked then true else $(verdict single no 'asks for perf') end"
	chmod 0 "$work/rules.bpf.o"
	refuses "$work/rules.bpf.o" 'Permission denied'
	upshift=$own
else
	skip "inspect: without privilege, which takes root to leave behind"
fi

# Tools of the distribution.
if tool=$(file_of libbpf-tools '/javagc(-libbpf)?$'); then
	inspect "$tool" '.libbpf.reach == "static" and (.libbpf.version | test("^1\\.[0-9]+$"))' '.preload.reaches' \
		'.objects | length == 1' '.objects[0].programs | length >= 4 and all(.eligible == "yes" and (.section | startswith("usdt")))'
	inspect "$(file_of libbpf-tools '/funclatency(-libbpf)?$')" \
		"$(program dummy_kprobe '.eligible == "at_attach" and .returns_zero')"
	for name in bashreadline gethostlatency opensnoop; do
		inspect "$(file_of libbpf-tools "/$name(-libbpf)?\$")" '.libbpf.reach == "static"' '.objects | length == 1' \
			'.objects[0] | .damage == null and (.programs | length) > 0'
	done
	inspect "$(file_of libbpf-tools '/opensnoop(-libbpf)?$')" 'all(.objects[].programs[]; .eligible == "not_a_uprobe")'
	inspect "$(file_of libbpf-tools '/bashreadline(-libbpf)?$')" 'all(.objects[].programs[]; .eligible == "yes")'
else
	skip "inspect: libbpf-tools is not installed"
fi
if tool=$(file_of bpftrace '/bin/bpftrace$'); then
	inspect "$tool" '.libbpf | .bcc and (.reach == "shared" or .reach == "static") and (.version | test("^1\\.[0-9]+"))'
else
	skip "inspect: bpftrace is not installed"
fi
if tool=$(file_of bpftool '/bpftool$'); then
	inspect "$tool" '.libbpf.reach == "static" and (.libbpf.version | test("^1\\.[0-9]+$"))' '.preload.reaches'
else
	skip "inspect: bpftool is not installed"
fi
if tool=$(file_of gron '/bin/gron$'); then
	inspect "$tool" '.libbpf.reach == "none" and (.preload.reaches | not) and (.preload.reason | test("Go program"))'
else
	skip "inspect: gron is not installed"
fi
if tool=$(file_of busybox-static '/bin/busybox$'); then
	inspect "$tool" '(.preload.reaches | not) and (.preload.reason | test("statically"))' '.objects == []'
else
	skip "inspect: busybox-static is not installed"
fi
inspect /bin/true '.libbpf.reach == "none" and .preload.reaches and .objects == [] and .process == null'

library=$("$upshift" inspect --json "$built/launcher-tool" | jq -r .libbpf.library)
inspect "$library" '.preload.reaches'

# The library where the tool's own run path leads to, not the system's.
mkdir "$work/lib"
cp "$built/launcher-tool" "$work/tool"
cp -L "$library" "$work/lib/libbpf.so.1"
inspect "$work/tool" ".libbpf.library == \"$work/lib/libbpf.so.1\"" '.libbpf.version | test("^1\\.[0-9]+$")'

# What cannot be read.
refuses "$work/missing" 'No such file or directory'
refuses "$work" 'Is a directory'
refuses /dev/null 'not a file'
: >"$work/empty"
refuses "$work/empty" 'not an ELF file'
echo text >"$work/text"
refuses "$work/text" 'not an ELF file'
printf '#!/bin/sh\n' >"$work/script"
refuses "$work/script" 'a script'
mkfifo "$work/fifo"
refuses "$work/fifo" 'not a file'
for size in 4 16 63 64 100 1000 5000; do
	head -c "$size" "$built/launcher-tool" >"$work/short"
	refuses "$work/short" 'truncated'
	head -c "$size" "$built/rules.bpf.o" >"$work/short"
	refuses "$work/short" 'truncated'
done
head -c -1 "$built/launcher-tool" >"$work/short"
refuses "$work/short" 'truncated'

# An object inside whose headers lead nowhere is left out, the other one is told.
offset=$("$upshift" inspect --json "$built/launcher-tool" | jq '.objects[0].offset')
cp "$built/launcher-tool" "$work/damaged"
printf '\377\377\377\377\377\377\377\177' | dd of="$work/damaged" bs=1 seek=$((offset + 40)) conv=notrunc status=none
inspect "$work/damaged" '(.objects | length) == 2' \
	'.objects | map(.damage != null) == [true, false] and .[0].programs == [] and (.[1].programs | length) > 0'

# Gigabytes of nothing, before and behind the ELF header.
truncate -s 5G "$work/huge"
refuses "$work/huge" 'not an ELF file'
cp "$built/launcher-tool" "$work/huge"
truncate -s 5G "$work/huge"
inspect "$work/huge" '(.objects | length) == 2' "${tail[@]}"

holds "no file: usage" test "$(status_of "$upshift" inspect)" = 64
holds "two files: usage" test "$(status_of "$upshift" inspect /bin/true /bin/true)" = 64
refuses 4194303 'no such process'
finish
