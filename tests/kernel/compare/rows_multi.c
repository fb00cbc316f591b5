// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/multi.c. */
#include "row.h"

/* Each of the three places, called once, twice, three times. */
#define THREE_ENTRIES                                     \
	"hits target entry f0+0 cookie=7 count=1 sum=1\n" \
	"hits target entry f1+0 cookie=8 count=2 sum=3\n" \
	"hits target entry f2+0 cookie=9 count=3 sum=6\n"

const struct row multi_rows[] = {
	{
		.name = "multi-cookies",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = THREE_ENTRIES,
		.without = "uprobe_multi=1/3",
		.with = "uprobe_multi=1/3",
		.needs_multi = true,
		.on_perf = "perf_event=3",
	},
	{
		.name = "multi-returns",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target return f0+0 cookie=7 count=1 sum=101\n"
			  "hits target return f1+0 cookie=8 count=2 sum=403\n"
			  "hits target return f2+0 cookie=9 count=3 sum=906\n",
		.without = "uprobe_multi=1/3",
		.with = "uprobe_multi=1/3",
		.needs_multi = true,
		.on_perf = "perf_event=3",
		.expect_on_perf = "hits target return no-func-ip cookie=7 count=1 sum=101\n"
				  "hits target return no-func-ip cookie=8 count=2 sum=403\n"
				  "hits target return no-func-ip cookie=9 count=3 sum=906\n",
	},
	{
		.name = "multi-process",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "thread ESRCH\n"
			  "hits target entry f0+0 cookie=7 count=5 sum=11\n"
			  "hits target entry f1+0 cookie=8 count=2 sum=3\n"
			  "hits target entry f2+0 cookie=9 count=3 sum=6\n",
		.without = "uprobe_multi=1/3",
		.with = "uprobe_multi=1/3",
		.needs_multi = true,
		.on_perf = "perf_event=3",
	},
	{
		.name = "multi-twice",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=7 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=8 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=9 count=2 sum=3\n",
		.without = "uprobe_multi=1/3",
		.with = "uprobe_multi=1/3",
		.needs_multi = true,
		.on_perf = "perf_event=3",
	},
	{
		.name = "multi-semaphores",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "before own=0\n"
			  "during own=2\n"
			  "after own=0\n" THREE_ENTRIES,
		.without = "uprobe_multi=1/3",
		.with = "uprobe_multi=1/3",
		.needs_multi = true,
		.on_perf = "perf_event=3",
	},
	{
		.name = "multi-all-or-none",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "past-the-end EINVAL\n"
			  "missing ENOENT\n"
			  "own=0\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
		.needs_multi = true,
		.on_perf = "none",
	},
	{
		.name = "multi-copies",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = THREE_ENTRIES "hits none\n",
		.without = "uprobe_multi=1/3",
		.with = "uprobe_multi=1/3",
		.needs_multi = true,
		.on_perf = "perf_event=3",
	},
	{},
};
