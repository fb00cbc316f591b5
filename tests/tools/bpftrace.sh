# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # scripts/compat-tools sets them
# bpftrace 0.17 (attaches with BCC's code, BEGIN and END as uprobes on itself), 0.23 (its own uprobe_multi links for
# patterns) and 0.27 (libbpf, linked statically), and the tools that come with it.

rows_of_bpftrace() {
	local t=/opt/upshift/target
	row uprobe target maps bpftrace -e "uprobe:$t:nap { @[comm, arg0] = count(); }"
	row uretprobe target maps bpftrace -e "uretprobe:$t:nap { @[retval] = count(); }"
	row 'uprobe, two at one place' target maps bpftrace -e \
		"uprobe:$t:nap { @a = count(); } uprobe:$t:nap { @b = count(); } uretprobe:$t:nap { @c = count(); }"
	row 'uprobe, 30 functions by a pattern' target maps bpftrace -e "uprobe:$t:step_* { @[func, arg0] = count(); }"
	row 'uprobe, 11 functions one by one' target maps bpftrace -e \
		"$(printf "uprobe:$t:step_%02d," {0..9})uprobe:$t:step_10 { @[probe] = count(); }"
	row 'uretprobe, 10 functions by a pattern, -p' target maps bpftrace -p %pid% -e \
		"uretprobe:$t:step_0* { @[probe, retval] = count(); }"
	row 'uprobe of a library' target maps bpftrace -e "uprobe:libc:getaddrinfo /pid == %pid%/ { @[str(arg0)] = count(); }"
	row 'uprobe with an offset' target maps bpftrace --unsafe -e "uprobe:$t:nap+0 { @[func] = count(); }"
	row 'uprobe, ustack, printed' target 'lines "(nap|languages|main|work)\+"' bpftrace -e \
		"uprobe:$t:nap { printf(\"%s\\n\", ustack(3)); }"
	row 'uprobe, begin and end' target 'lines "^(begin|end|nap)"' bpftrace -e \
		"BEGIN { printf(\"begin\\n\"); } uprobe:$t:nap { printf(\"nap %d\\n\", arg0); } END { printf(\"end\\n\"); }"
	row 'uprobe -c' child maps bpftrace -c $t -e "uprobe:$t:step_0* { @[func] = count(); }"
	row 'uprobe, exit() in the probe' target 'lines "^nap"' bpftrace -e \
		"uprobe:$t:nap { printf(\"nap\\n\"); exit(); }"
	row usdt target maps bpftrace -e "usdt:$t:ruby:method__entry { @[str(arg0), str(arg1)] = count(); }"
	row 'usdt -p' target maps bpftrace -p %pid% -e "usdt:$t:ruby:method__entry { @[str(arg0), arg3] = count(); }"
	row 'usdt by a pattern' target maps bpftrace -e "usdt:$t:ruby:*method* { @[probe] = count(); }"
	row 'usdt with semaphores -p' target maps bpftrace -p %pid% -e "usdt:$t:upshift:* { @[probe] = count(); }"
	row 'usdt with a semaphore, two places -p' target maps bpftrace -p %pid% -e \
		"usdt:$t:upshift:begin { @[arg0, str(arg1)] = count(); }"
	row 'usdt -c' child maps bpftrace -c $t -e "usdt:$t:upshift:begin { @[str(arg1)] = count(); }"
	row 'usdt of Python -p' python maps bpftrace -p %pid% -e 'usdt:/usr/bin/python3:python:gc__start { @[arg0] = count(); }'
	row 'usdt of Java -p' java maps bpftrace -p %pid% -e "usdt:$(libjvm):hotspot:mem__pool__gc__begin { @ = count(); }"
	row bashreadline.bt bash 'matches ": upshift.*"' bashreadline.bt
	row gethostlatency.bt target 'lines "127.0.0" 3 5' gethostlatency.bt
	# It looks for pthread_create in libpthread, which moved to libc.
	cannot='nothing to attach' row threadsnoop.bt target 'lines "target" 3 4' threadsnoop.bt
	local left_out=
	# Each run is another: it closes descriptors of the probes that it could not attach, which it never opened.
	[[ $suite != bookworm ]] || left_out="bpftrace 0.17 fails at random, also without upshift, where a symbol is missing"
	row sslsnoop.bt python 'lines SSL_ 3 5 6' sslsnoop.bt
	row ssllatency.bt python buckets ssllatency.bt
	left_out='' row 'uprobes of OpenSSL' python maps bpftrace -e \
		'uprobe:libssl:SSL_read, uretprobe:libssl:SSL_read, uprobe:libssl:SSL_write { @[probe, func] = count(); }'
}

libjvm() { (cd "$cache/root/tools-$suite" && printf /%s usr/lib/jvm/java-??-openjdk-amd64/lib/server/libjvm.so); }
