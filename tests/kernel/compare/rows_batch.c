// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/batch.c, and others where UPSHIFT_BATCH=on makes one link of what the loop attaches. */
#include "row.h"

/* Where the machine is busy with other things, the loop may pause for a millisecond in the middle. */
#define LINKS(probes)                                                                   \
	"uprobe_multi=1/" #probes "|uprobe_multi=2/" #probes "|uprobe_multi=3/" #probes \
	"|uprobe_multi=4/" #probes "|uprobe_multi=5/" #probes

const struct row batch_rows[] = {
	{
		.name = "batch-loop",
		.expect = "attached: 30 probes, 2 hits each\n"
			  "hits none\n",
		.without = "perf_event=30",
		.with = "uprobe_multi=30",
	},
	{
		.name = "batch-loop-on",
		.scenario = "batch-loop",
		.builds = SHARED | STATIC | DLOPEN,
		.settings = "UPSHIFT_BATCH=on",
		.with = LINKS(30),
	},
	{
		.name = "batch-loop-sync",
		.scenario = "batch-loop",
		.settings = "UPSHIFT_BATCH=on UPSHIFT_DETACH=sync",
		.with = LINKS(30),
	},
	{
		.name = "batch-counters",
		.expect = "semaphore own=1 other=2\n"
			  "attached: 5 probes, 2 hits each\n"
			  "semaphore own=1 other=1\n"
			  "semaphore own=0 other=0\n"
			  "hits none\n",
		.without = "perf_event=5",
		.with = "uprobe_multi=5",
	},
	{
		.name = "batch-counters-on",
		.scenario = "batch-counters",
		.settings = "UPSHIFT_BATCH=on",
		.with = "uprobe_multi=1/5|uprobe_multi=2/5",
	},
	{
		.name = "batch-kinds",
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
		.name = "batch-kinds-on",
		.scenario = "batch-kinds",
		.settings = "UPSHIFT_BATCH=on UPSHIFT_PID=multi",
		.with = "uprobe_multi=4/8|uprobe_multi=5/8|uprobe_multi=6/8",
	},
	{
		.name = "batch-one-leaves",
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
		.name = "batch-one-leaves-on",
		.scenario = "batch-one-leaves",
		.settings = "UPSHIFT_BATCH=on",
		.with = "uprobe_multi=1/5; uprobe_multi=1/3|uprobe_multi=2/5; uprobe_multi=2/3",
	},
	{
		.name = "batch-leave-while-busy",
		.expect = "the one that stays has all hits\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "batch-leave-while-busy-on",
		.scenario = "batch-leave-while-busy",
		.settings = "UPSHIFT_BATCH=on",
		.with = "",
	},
	{
		.name = "batch-pause",
		.expect = "all attached\n"
			  "attached: 6 probes, 2 hits each\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "batch-pause-on",
		.scenario = "batch-pause",
		.settings = "UPSHIFT_BATCH=on",
		.with = "",
	},
	{
		.name = "batch-bad-member",
		.not_batched = "the attach fails after its call has returned",
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
		.name = "batch-bad-member-on",
		.scenario = "batch-bad-member",
		.settings = "UPSHIFT_BATCH=on",
		/* Three of six are good; of the others the first is bad. */
		.with = "uprobe_multi=2/5|uprobe_multi=3/5",
		.complaints = 1,
		.batch_complains = true,
	},
	{
		.name = "batch-threads",
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
	{
		.name = "batch-threads-on",
		.scenario = "batch-threads",
		.settings = "UPSHIFT_BATCH=on",
		.with = "none",
	},
	{
		.name = "batch-same-place",
		.scenario = "same-place",
		.settings = "UPSHIFT_BATCH=on",
		.with = "uprobe_multi=2/4|uprobe_multi=3/4",
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
		.name = "hundred-probes-on",
		.scenario = "hundred-probes",
		.builds = SHARED | DLOPEN,
		.settings = "UPSHIFT_BATCH=on",
		.with = LINKS(100),
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
	{
		.name = "thousand-probes-on",
		.scenario = "thousand-probes",
		.builds = SHARED,
		.settings = "UPSHIFT_BATCH=on",
		.with = "",
	},
	{},
};
