// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/exact*.c. Where the executable is a plugin's, what they trace is not in it. */
#include "row.h"

#define RIGHT(what) what ": late 0 lost 0\n"
#define BY_ALL_BUT_PTRACE \
	RIGHT("write")    \
	RIGHT("stdio")    \
	RIGHT("eventfd") RIGHT("kill") RIGHT("futex") RIGHT("semaphore") RIGHT("memory")
#define BY_ALL BY_ALL_BUT_PTRACE RIGHT("ptrace")

#define EXACT(row, prints)                                                                            \
	{                                                                                             \
		.name = (row), .expect = prints, .without = "perf_event=1", .with = "uprobe_multi=1", \
	}
#define NO_BREAKPOINT_LEFT "breakpoints in all, left 0\n"

const struct row exact_rows[] = {
	EXACT("exact-itself", RIGHT("executable") RIGHT("library") RIGHT("library opened after the attach")),
	EXACT("exact-thread", BY_ALL_BUT_PTRACE),
	EXACT("exact-child", BY_ALL),
	EXACT("exact-stranger", BY_ALL),
	EXACT("exact-thread-busy", BY_ALL_BUT_PTRACE),
	EXACT("exact-child-busy", BY_ALL),
	EXACT("exact-stranger-busy", BY_ALL),
	EXACT("exact-lookup", RIGHT("lookup")),
	EXACT("exact-text", NO_BREAKPOINT_LEFT NO_BREAKPOINT_LEFT NO_BREAKPOINT_LEFT),
	EXACT("exact-close", RIGHT("close") RIGHT("dup2") RIGHT("dup3") RIGHT("close_range")
				     RIGHT("close_range of one") RIGHT("closefrom")),
	EXACT("exact-close-threads", RIGHT("threads")),
	EXACT("exact-close-skeleton", RIGHT("detach") RIGHT("destroy")),
	{},
};
