// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
// The USDTs of interpreters and databases that Debian does not build with them, as BCC's tools expect them.
#include <sys/sdt.h>

#include "target.h"

enum { COM_QUERY = 3 };

static void interpreters(int round)
{
	DTRACE_PROBE4(ruby, method__entry, "Class", "method", "file.rb", round);
	DTRACE_PROBE4(ruby, method__return, "Class", "method", "file.rb", round);
	DTRACE_PROBE4(ruby, cmethod__entry, "Class", "cmethod", "file.rb", round);
	DTRACE_PROBE4(ruby, cmethod__return, "Class", "cmethod", "file.rb", round);
	DTRACE_PROBE3(ruby, object__create, "Class", "file.rb", round);
	DTRACE_PROBE3(ruby, string__create, 16L, "file.rb", round);
	DTRACE_PROBE3(ruby, hash__create, 32L, "file.rb", round);
	DTRACE_PROBE3(ruby, array__create, 64L, "file.rb", round);
	DTRACE_PROBE3(ruby, raise, "Class", "file.rb", round);
	DTRACE_PROBE(ruby, gc__mark__begin);
	DTRACE_PROBE(ruby, gc__mark__end);
	DTRACE_PROBE(ruby, gc__sweep__begin);
	DTRACE_PROBE(ruby, gc__sweep__end);

	DTRACE_PROBE4(perl, sub__entry, "sub", "file.pl", round, "main");
	DTRACE_PROBE4(perl, sub__return, "sub", "file.pl", round, "main");
	DTRACE_PROBE2(tcl, proc__entry, "proc", round);
	DTRACE_PROBE2(tcl, proc__args, "proc", "arguments");
	DTRACE_PROBE2(tcl, proc__return, "proc", round);
	DTRACE_PROBE1(tcl, obj__create, round);
	DTRACE_PROBE1(node, gc__start, 2);
	DTRACE_PROBE1(node, gc__done, 2);
}

// A server's. The function is as MySQL's, for a tool that traces it where the USDTs are missing.
__attribute__((noipa)) static int mysql_dispatch_command_5(int command, int round, const char *query)
{
	DTRACE_PROBE1(mysql, query__start, query);
	round = nap(round);
	DTRACE_PROBE1(mysql, query__done, 0);
	return command + round;
}

void languages(int round)
{
	interpreters(round);
	mysql_dispatch_command_5(COM_QUERY, round, "select 1");
}
