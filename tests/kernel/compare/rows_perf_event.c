// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/perf_event.c. */
#include "row.h"

const struct row perf_event_rows[] = {
	{
		.name = "own-perf-event",
		.expect = "hits target entry f0+0 cookie=0 count=3 sum=6\n"
			  "hits target entry f0+0 cookie=21 count=3 sum=6\n",
		.without = "perf_event=2",
		.with = "perf_event=2",
		.reason = "it is for one process",
	},
	{
		.name = "software-perf-event",
		.expect = "attach ok\n"
			  "samples some\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
	},
	{
		.name = "kprobe-and-uprobe",
		.expect = "count kernel=4 user=3\n"
			  "hits none\n",
		.without = "perf_event=2",
		.with = "perf_event=1 uprobe_multi=1",
	},
	{},
};
