// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/threads.c. */
#include "row.h"

const struct row thread_rows[] = {
	{
		.name = "threads",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=0 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=2 count=2 sum=3\n"
			  "hits target entry f1+0 cookie=10 count=2 sum=3\n"
			  "hits target entry f1+0 cookie=11 count=2 sum=3\n"
			  "hits target entry f1+0 cookie=12 count=2 sum=3\n"
			  "hits target entry f2+0 cookie=20 count=2 sum=3\n"
			  "hits target entry f2+0 cookie=21 count=2 sum=3\n"
			  "hits target entry f2+0 cookie=22 count=2 sum=3\n"
			  "hits target entry f3+0 cookie=30 count=2 sum=3\n"
			  "hits target entry f3+0 cookie=31 count=2 sum=3\n"
			  "hits target entry f3+0 cookie=32 count=2 sum=3\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "threads-one-after-another",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{},
};
