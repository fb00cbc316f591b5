// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/many.c. */
#include "row.h"

const struct row many_rows[] = {
	{
		.name = "many-loop",
		.expect = "attached: 30 probes, 2 hits each\n"
			  "hits none\n",
		.without = "perf_event=30",
		.with = "uprobe_multi=30",
	},
	{
		.name = "many-counters",
		.expect = "semaphore own=1 other=2\n"
			  "attached: 5 probes, 2 hits each\n"
			  "semaphore own=1 other=1\n"
			  "semaphore own=0 other=0\n"
			  "hits none\n",
		.without = "perf_event=5",
		.with = "uprobe_multi=5",
	},
	{
		.name = "many-kinds",
		.expect = "hits other entry f0+0 cookie=2 count=3 sum=6\n"
			  "hits other entry f0+0 cookie=3 count=3 sum=6\n"
			  "hits other return f0+0 cookie=4 count=3 sum=306\n"
			  "hits target entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=3 count=2 sum=3\n"
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=3 count=1 sum=1\n"
			  "hits target return f0+0 cookie=4 count=2 sum=203\n"
			  "hits target return f1+0 cookie=4 count=1 sum=201\n",
		.without = "perf_event=8",
		.with = "perf_event=4 uprobe_multi=4",
	},
	{
		.name = "many-one-leaves",
		.expect = "before: 2 probes, 3 hits each\n"
			  "destroyed: 1 probes, 1 hits each\n"
			  "behind: 3 probes, 3 hits each\n"
			  "those left: 2 probes, 2 hits each\n"
			  "first: 1 probes, 0 hits each\n"
			  "last: 1 probes, 0 hits each\n"
			  "hits none\n",
		.without = "perf_event=5; perf_event=3",
		.with = "uprobe_multi=5; uprobe_multi=3",
	},
	{
		.name = "many-bad-member",
		.expect = "good: 5 probes, 2 hits each\n"
			  "bad: 1 probes, 0 hits each\n"
			  "semaphore own=1 other=0\n"
			  "destroy ok\n"
			  "destroy ok\n"
			  "destroy ok\n"
			  "destroy ok\n"
			  "destroy ok\n"
			  "destroy ok\n"
			  "hits none\n",
		.without = "perf_event=5",
		.with = "uprobe_multi=5",
	},
	{
		.name = "many-threads",
		.expect = "first half: 2 probes, 2 hits each\n"
			  "second half: 2 probes, 3 hits each\n"
			  "first half: 2 probes, 2 hits each\n"
			  "second half: 2 probes, 3 hits each\n"
			  "first half: 2 probes, 2 hits each\n"
			  "second half: 2 probes, 3 hits each\n"
			  "first half: 2 probes, 2 hits each\n"
			  "second half: 2 probes, 3 hits each\n"
			  "first half: 2 probes, 2 hits each\n"
			  "second half: 2 probes, 3 hits each\n"
			  "first half: 2 probes, 2 hits each\n"
			  "second half: 2 probes, 3 hits each\n"
			  "first half: 2 probes, 2 hits each\n"
			  "second half: 2 probes, 3 hits each\n"
			  "first half: 2 probes, 2 hits each\n"
			  "second half: 2 probes, 3 hits each\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	/* Without upshift these fail with EMFILE after half of it. A static libbpf holds two fds of each. */
	{
		.name = "hundred-probes",
		.builds = SHARED | DLOPEN,
		.only_with = true,
		.expect = "of 100 probes with 128 fds: all\n"
			  "attached: 100 probes, 2 hits each\n"
			  "hits none\n",
		.with = "uprobe_multi=100",
	},
	{
		.name = "thousand-probes",
		.not_sync = "a thousand detaches take a minute",
		.builds = SHARED,
		.only_with = true,
		.expect = "of 1000 probes with 1024 fds: all\n"
			  "attached: 1000 probes, 1 hits each\n"
			  "hits none\n",
		.with = "",
	},
	{},
};
