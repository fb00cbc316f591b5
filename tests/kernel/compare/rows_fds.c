// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/fds.c. */
#include "row.h"

const struct row fd_rows[] = {
	{
		.name = "low-fds",
		.expect = "0 taken, 1 free\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "low-fds-kept",
		.expect = "perf-fd 0\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "perf-fd-closed-first",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "link-fd-closed-first",
		.expect = "links 0\n"
			  "again ok\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits target entry f0+0 cookie=2 count=1 sum=1\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "perf-fd-never-used",
		.expect = "hits none\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "close-range",
		.expect = "closed some, links 0\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits target second f0+0 cookie=0 count=3 sum=6\n"
			  "hits target entry f0+0 cookie=2 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=2",
	},
	{
		.name = "closefrom",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "closed-by-stream",
		.expect = "set ok\n"
			  "hits target entry f0+0 cookie=0 count=3 sum=6\n"
			  "number the same\n"
			  "set ok\n"
			  "hits target entry f1+0 cookie=0 count=2 sum=3\n",
		.without = "none; none",
		.with = "uprobe_multi=1; uprobe_multi=1",
	},
	{
		.name = "closed-by-exec",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits target second f0+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=2",
	},
	{},
};
