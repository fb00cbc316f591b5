# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154 # scripts/compat-tools sets them
# BCC's Python tools, which attach with BCC's own code. tplist uses USDT too, but only lists them.

rows_of_bcc() {
	rows_of_general_tools
	rows_of_libraries
	rows_of_databases
	# These attach as the others do: the oldest and the newest are enough.
	[[ $suite == trixie && ${list-} != commands ]] || rows_of_languages
}

rows_of_general_tools() {
	local t=/opt/upshift/target
	row 'funccount, 30 functions' target 'table 1 2 "^step_"' funccount-bpfcc "$t:step_*"
	row 'funccount -p, 10 functions' target 'table 1 2 "^step_"' funccount-bpfcc -p %pid% "$t:step_0*"
	# Its own mistake: it hands on the path as bytes.
	cannot='failed to instrument' row 'funccount, usdt' target 'table 1 2 "__"' funccount-bpfcc -p %pid% "u:$t:*method__*"
	row funclatency target histogram funclatency-bpfcc -m "$t:nap"
	row 'funclatency -p, 10 functions' target histogram funclatency-bpfcc -p %pid% "$t:step_0*"
	row funcslower target 'lines ":nap" 1 4 5' funcslower-bpfcc -m 1 "$t:nap"
	row funcinterval target histogram funcinterval-bpfcc "$t:nap"
	row stackcount target stacks stackcount-bpfcc -p %pid% "$t:nap"
	row 'stackcount, 10 functions' target stacks stackcount-bpfcc -p %pid% "$t:step_0*"
	row trace target 'lines "nap +round" 2 3 4 5 6' trace-bpfcc -p %pid% "$t:nap \"round %d\", arg1"
	row 'trace, return' target 'lines "nap +returned" 2 3 4 5 6' trace-bpfcc "r:$t:nap \"returned %d\", retval"
	row 'trace, usdt' target 'lines "method__entry" 2 3 4 5 6' trace-bpfcc -p %pid% \
		"u:$t:ruby:method__entry \"%s %s %d\", arg1, arg2, arg4"
	row 'trace, usdt with a semaphore' target 'lines "begin" 2 3 4 5 6' trace-bpfcc -p %pid% \
		"u:$t:upshift:begin \"%d %s\", arg1, arg2"
	end=itself row argdist target 'table "3 4 5 6" 1 "round ="' argdist-bpfcc -i 4 -n 1 -C "p:$t:nap(int round):int:round"
	end=itself row 'argdist, return' target 'table "3 4 5 6" 1 "retval ="' argdist-bpfcc -i 4 -n 1 -C "r:$t:nap():int:\$retval"
	# In 0.31 and 0.35 it fails on its own missing attribute.
	end=itself cannot=htab_batch_ops row 'argdist, usdt -p' target 'table "3 4 5 6" 1 "arg4 ="' argdist-bpfcc -p %pid% -i 4 -n 1 \
		-C "u:$t:method__entry():int:arg4"
	end=itself cannot=htab_batch_ops row 'argdist, usdt with a semaphore -p' target 'table "3 4 5 6" 1 "arg1 ="' argdist-bpfcc -p %pid% \
		-i 4 -n 1 -C "u:$t:begin():int:arg1"
	end=itself row memleak target 'matches "^[[:space:]]+[0-9]+ bytes in [0-9]+ allocations"' memleak-bpfcc -p %pid% -a 4 1
	cannot='to kretprobe' row deadlock target 'lines "Mutex M[0-9] acquired"' deadlock-bpfcc %pid%
}

rows_of_libraries() {
	row bashreadline bash 'matches ": upshift.*"' bashreadline-bpfcc
	row gethostlatency target 'lines "127.0.0" 3 5' gethostlatency-bpfcc
	row threadsnoop target 'lines "target" 3 4' threadsnoop-bpfcc
	# 0.26 does not compile with min() as it is in later 6.1 headers.
	cannot='Failed to compile' row sslsniff python 'lines "(READ/RECV|WRITE/SEND|HANDSHAKE|question|answer)" 1 3 4 5' sslsniff-bpfcc \
		-p %pid% --no-gnutls --no-nss
	cannot='Failed to compile' row 'sslsniff --handshake' python 'lines "(READ/RECV|WRITE/SEND|HANDSHAKE|question|answer)" 1 3 4 5' \
		sslsniff-bpfcc -p %pid% --no-gnutls --no-nss --handshake
}

# Debian's MySQL and PostgreSQL have no USDT; the target has MySQL's.
rows_of_databases() {
	row mysqld_qslower target 'lines "select" 2 4 5' mysqld_qslower-bpfcc %pid% 1
	row dbslower target 'lines "select" 2 4 5' dbslower-bpfcc mysql -p %pid% -m 1
	row 'dbslower, uprobes' target 'lines "select" 2 4 5' dbslower-bpfcc mysql -x /opt/upshift/target -m 1
	row dbstat target histogram dbstat-bpfcc mysql -p %pid% -u
}

# ucalls and the rest have short names for each language, which are scripts that start them.
rows_of_languages() {
	local language bin=/usr/sbin
	for language in ruby perl php tcl; do
		row "ucalls, $language" target 'table 1 2 "[.](method|sub|function|proc) "' $bin/ucalls -l $language %pid%
	done
	row 'uflow, ruby' target 'lines "(<-|->) " 2 3 5 6' $bin/uflow -l ruby %pid%
	row 'ugc, ruby' target 'lines "GC " 3 4 5' $bin/ugc -l ruby %pid%
	row 'ugc, node' target 'lines "GC " 3 4 5' $bin/ugc -l node %pid%
	row 'uobjnew, ruby' target 'table "1 3" 2 "Class|string|hash|array"' $bin/uobjnew -l ruby %pid%
	row 'uobjnew, tcl' target 'table "1 3" 2 "ALL"' $bin/uobjnew -l tcl %pid%
	row 'uobjnew, c' target 'table "1 2 3" 4 "^block size"' $bin/uobjnew -l c %pid%
	end=itself row 'ustat, ruby' ruby "lines '^[0-9]+ +/opt/upshift/ruby' 2 3 4 5 6 7 8" $bin/ustat -C -l ruby 4 1
	# glibc has USDTs in sid only.
	cannot='enable-dtrace' row 'uthreads, c' target 'lines "pthread" 3 4' $bin/uthreads -l c %pid%

	# Python 3.11 has the USDTs, but ucalls counts nothing; later ones have none for functions.
	cannot='enable-dtrace|# CALLS' row pythoncalls python 'table 1 2 "step"' pythoncalls-bpfcc %pid%
	cannot='enable-dtrace|# CALLS' row 'ucalls -L, python' python 'table 1 2 "step"' $bin/ucalls -L -l python %pid%
	cannot='enable-dtrace' row 'uflow, python' python 'lines "step" 2 3 5 6' $bin/uflow -l python %pid%
	row 'ugc, python' python 'lines "^[0-9.]+ +[0-9.]+ " 3' $bin/ugc -l python %pid%
	row 'ucalls, java' java 'table 1 2 "Work.step"' $bin/ucalls -l java %pid%
	row 'ugc, java' java 'lines "^[0-9.]+ +[0-9.]+ " 3' $bin/ugc -l java %pid%
	cannot='enable-dtrace' row 'uthreads, java' java 'lines "worker" 3' $bin/uthreads -l java %pid%
	row 'uflow, java' java 'lines "Work.step" 2 5 6' $bin/uflow -l java -C Work %pid%
}
