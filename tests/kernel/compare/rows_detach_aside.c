// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/detach_harm.c, scenario/detach_alone.c and scenario/detach_apart.c. */
#include "row.h"

#define ROW(row, prints)                                                                              \
	{                                                                                             \
		.name = (row), .expect = prints, .without = "perf_event=1", .with = "uprobe_multi=1", \
	}

const struct row detach_aside_rows[] = {
	ROW("detach-few-threads", "threads that could not be started: 0\nended well\n"),
	ROW("detach-few-closers", "files that somebody closed: 0\nended well\n"),
	ROW("detach-little-memory", "ended well\n"),
	ROW("detach-beside-setrlimit", "limit changed 0 times, the tool's own undone 0 times\n"),
	ROW("detach-jumps-out", "words changed: 0\n"),
	ROW("detach-then-alone", "unshare: wrong 0\n"
				 "unshare by syscall(): wrong 0\n"
				 "setuid: wrong 0\n"
				 "capset by syscall(): wrong 0\n"),
	{
		.name = "detach-then-umount",
		.expect = "umount ok\numount ok\n",
		.without = "",
		.with = "",
	},
	ROW("detach-beside-fork", "children that failed: 0\n"),
	ROW("detach-beside-child", "fork: late 0 lost 0\n"
				   "_Fork: late 0 lost 0\n"
				   "clone: late 0 lost 0\n"),
	ROW("detach-then-end", "raise: left 0\n"
			       "kill: left 0\n"
			       "abort: left 0\n"
			       "crash: left 0\n"
			       "_exit: left 0\n"
			       "quick_exit: left 0\n"),
	ROW("detach-beside-lookup", "lookups do not wait\n"),
	ROW("detach-beside-events", "events all there\n"),
	{},
};
