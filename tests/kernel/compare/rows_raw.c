// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/raw.c. */
#include "row.h"

const struct row raw_rows[] = {
	{
		.name = "bcc-entry",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "set ok\n"
			  "enable ok\n"
			  "disable ok\n"
			  "hits target entry f0+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "bcc-return",
		.expect = "set ok\n"
			  "enable ok\n"
			  "disable ok\n"
			  "hits target return f1+0 cookie=0 count=3 sum=606\n",
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "bcc-pid",
		.expect = "set ok\n"
			  "enable ok\n"
			  "disable ok\n"
			  "hits target entry f0+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "none",
		.reason = "it is for one process",
	},
	{
		.name = "raw-program-closed",
		.expect = "hits target entry f0+0 cookie=0 count=3 sum=6\n"
			  "hits target entry f1+0 cookie=0 count=2 sum=3\n",
		.without = "none",
		.with = "uprobe_multi=2",
	},
	{
		.name = "raw-enabled-before",
		.expect = "enable ok\n"
			  "set ok\n"
			  "disable ok\n"
			  "enable ok\n"
			  "hits target entry f0+0 cookie=0 count=3 sum=3\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "raw-enable-disable",
		.expect = "set ok\n"
			  "disable ok\n"
			  "enable ok\n"
			  "hits target entry f0+0 cookie=0 count=3 sum=3\n",
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "raw-link",
		.expect = "create ok\n"
			  "hits target entry f0+0 cookie=11 count=4 sum=7\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "raw-reference-counter",
		.expect = "set ok\n"
			  "semaphore during 1\n"
			  "semaphore after 0\n"
			  "hits target entry f0+0 cookie=0 count=2 sum=3\n",
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "raw-file-goes-away",
		.expect = "set ok\n"
			  "hits target entry f0+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "raw-other-ioctl",
		.expect = "id ok\n"
			  "id given\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "raw-loaded-by-hand",
		.expect = "load ok\n"
			  "set ok\n"
			  "count 3\n",
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{},
};
