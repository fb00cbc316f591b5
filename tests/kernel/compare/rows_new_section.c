// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/new_section.c. */
#include "row.h"

const struct row new_section_rows[] = {
	{
		.name = "section-single",
		.needs_multi = true,
		.on_perf = "perf_event=4",
		.builds = SHARED | DLOPEN,
		.expect = "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target other f_text+0 cookie=0 count=3 sum=9\n"
			  "hits target return f1+0 cookie=0 count=2 sum=403\n"
			  "hits target sleepable f_text+0 cookie=0 count=3 sum=0\n"
			  "hits none\n",
		.with = "perf_event=4",
		.only_with = true,
	},
	{
		.name = "section-single-bare",
		.needs_multi = true,
		.on_perf = "perf_event=1",
		.builds = SHARED | DLOPEN,
		.expect = "hits target second f2+0 cookie=5 count=3 sum=6\n",
		.with = "perf_event=1",
		.only_with = true,
	},
	{
		.name = "section-multi",
		.needs_multi = true,
		.on_perf = "perf_event=8",
		.builds = SHARED | DLOPEN,
		.expect = "hits target entry many_a1+0 cookie=0 count=1 sum=1\n"
			  "hits target entry many_a2+0 cookie=0 count=2 sum=3\n"
			  "hits target entry many_b1+0 cookie=0 count=3 sum=6\n"
			  "hits target entry many_b2+0 cookie=0 count=4 sum=10\n"
			  "hits target other f_text+0 cookie=0 count=5 sum=15\n"
			  "hits target return many_a1+0 cookie=0 count=1 sum=12\n"
			  "hits target return many_b1+0 cookie=0 count=3 sum=69\n"
			  "hits target sleepable f_text+0 cookie=0 count=5 sum=0\n"
			  "hits none\n",
		.with = "uprobe_multi=4/8",
		.only_with = true,
	},
	{
		.name = "section-multi-one",
		.needs_multi = true,
		.on_perf = "perf_event=4",
		.builds = SHARED | DLOPEN,
		.expect = "attach ok\n"
			  "hits target entry many_a1+0 cookie=0 count=1 sum=1\n"
			  "hits target entry many_a2+0 cookie=0 count=2 sum=3\n"
			  "hits target entry many_b1+0 cookie=0 count=3 sum=6\n"
			  "hits target entry many_b2+0 cookie=0 count=4 sum=10\n",
		.with = "uprobe_multi=1/4",
		.only_with = true,
	},
	{},
};
