// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/dup.c. */
#include "row.h"

const struct row dup_rows[] = {
	{
		.name = "dup-before-set-bpf",
		.expect = "set ok\n"
			  "enable ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n"
			  "set ok\n"
			  "enable ok\n"
			  "hits target entry f0+0 cookie=0 count=2 sum=3\n"
			  "set ok\n"
			  "enable ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n"
			  "set ok\n"
			  "enable ok\n"
			  "hits target entry f0+0 cookie=0 count=2 sum=3\n"
			  "set ok\n"
			  "enable ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n"
			  "hits none\n",
		.without = "none; none; none; none; none",
		.with = "uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1",
	},
	{
		.name = "dup-after-set-bpf",
		.expect = "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n"
			  "hits none\n",
		.without = "none; none; none; none; none",
		.with = "uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1",
	},
	{
		.name = "dup-before-link",
		.expect = "create ok\n"
			  "hits target entry f0+0 cookie=3 count=1 sum=1\n"
			  "hits none\n"
			  "hits none\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "dup-of-link",
		.expect = "hits target entry f0+0 cookie=10 count=1 sum=1\n"
			  "hits none\n"
			  "hits target entry f0+0 cookie=11 count=1 sum=1\n"
			  "hits none\n"
			  "hits target entry f0+0 cookie=12 count=1 sum=1\n"
			  "hits none\n"
			  "hits target entry f0+0 cookie=13 count=1 sum=1\n"
			  "hits none\n"
			  "hits target entry f0+0 cookie=14 count=1 sum=1\n"
			  "hits none\n"
			  "hits none\n",
		.without = "perf_event=1; perf_event=1; perf_event=1; perf_event=1; perf_event=1",
		.with = "uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1",
	},
	{
		.name = "dup-over",
		.expect = "hits none\n"
			  "hits none\n"
			  "hits none\n",
		.without = "none; perf_event=1",
		.with = "uprobe_multi=1; uprobe_multi=1",
	},
	{
		.name = "dup-onto-itself",
		.expect = "same 1\n"
			  "set ok\n"
			  "same 1\n"
			  "dup3 EINVAL\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n",
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "dup-of-program",
		.expect = "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits none\n",
		.without = "none; none; none; none; none",
		.with = "uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1",
	},
	{},
};
