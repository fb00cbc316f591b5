// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/lifetime.c. */
#include "row.h"

const struct row lifetime_rows[] = {
	{
		.name = "object-closed-first",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits target return f0+0 cookie=2 count=4 sum=407\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "link-disconnected",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=6\n",
		.left = "fds=2 links=1|fds=1 links=1",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "link-overwritten",
		.expect = "hits target entry f0+0 cookie=1 count=2 sum=2\n"
			  "hits target entry f1+0 cookie=2 count=2 sum=3\n",
		.left = "fds=2 links=1|fds=1 links=1",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "reattached",
		.expect = "hits target entry f0+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=2 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=3 count=3 sum=6\n"
			  "hits target entry f0+0 cookie=4 count=4 sum=10\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "reloaded",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=2 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=3 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "exit-with-links",
		.expect = "semaphore during 1\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits target return f1+0 cookie=1 count=1 sum=201\n"
			  "tool exited 0\n"
			  "semaphore after 0\n"
			  "hits none\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "_exit-with-links",
		.expect = "semaphore during 1\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits target return f1+0 cookie=1 count=1 sum=201\n"
			  "tool exited 0\n"
			  "semaphore after 0\n"
			  "hits none\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "killed-with-links",
		.expect = "semaphore during 1\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits target return f1+0 cookie=1 count=1 sum=201\n"
			  "tool was killed 9\n"
			  "semaphore after 0\n"
			  "hits none\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{},
};
