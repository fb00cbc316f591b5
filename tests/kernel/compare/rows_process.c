// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/process.c. */
#include "row.h"

const struct row process_rows[] = {
	{
		.name = "fork-children-end",
		.expect = "hits target entry f0+0 cookie=1 count=6 sum=7\n"
			  "hits none\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "fork-child-attaches",
		.expect = "hits target entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits target entry f1+0 cookie=2 count=3 sum=6\n"
			  "hits none\n",
		.without = "perf_event=2; perf_event=1",
		.with = "uprobe_multi=2; uprobe_multi=1",
	},
	{
		.name = "fork-child-goes-on",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits none\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "vfork-child-closes",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=4\n"
			  "hits none\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "handler-closes-link",
		.expect = "links 0\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "under-signals",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{},
};
