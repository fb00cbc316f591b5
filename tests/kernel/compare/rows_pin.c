// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/pin.c. */
#include "row.h"

const struct row pin_rows[] = {
	{
		.name = "pinned-link",
		.expect = "hits target entry f0+0 cookie=1 count=4 sum=5\n"
			  "hits none\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pinned-link-of-another",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=4\n"
			  "hits none\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "link-by-id",
		.expect = "hits target entry f0+0 cookie=1 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pinned-program",
		.expect = "hits target entry f0+0 cookie=9 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1|uprobe_multi=1",
	},
	{
		.name = "pinned-program-elsewhere",
		.expect = "program used\n"
			  "hits target entry f0+0 cookie=9 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1|uprobe_multi=1",
	},
	{
		.name = "pinned-program-elsewhere-plain",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "program single\n"
			  "hits target entry f0+0 cookie=9 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
	},
	{
		.name = "received-program",
		.expect = "hits target entry f0+0 cookie=9 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
	},
	{},
};
