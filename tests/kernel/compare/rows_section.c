// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/section.c. */
#include "row.h"

const struct row section_rows[] = {
	{
		.name = "skeleton",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target return f1+0 cookie=0 count=2 sum=403\n"
			  "hits target second f_steps+4 cookie=0 count=3 sum=6\n"
			  "hits target sleepable f_text+0 cookie=0 count=4 sum=0\n"
			  "detached links=0\n"
			  "hits none\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target return f1+0 cookie=0 count=2 sum=403\n"
			  "hits target second f_steps+4 cookie=0 count=3 sum=6\n"
			  "hits target sleepable f_text+0 cookie=0 count=4 sum=0\n",
		.without = "perf_event=4; perf_event=4",
		.with = "uprobe_multi=4; uprobe_multi=4",
	},
	{
		.name = "section-one-by-one",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "bare EOPNOTSUPP\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target return f1+0 cookie=0 count=2 sum=403\n"
			  "hits target second f_steps+4 cookie=0 count=3 sum=6\n",
		.without = "perf_event=3",
		.with = "uprobe_multi=3",
	},
	{
		.name = "section-elsewhere",
		.expect = "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=8 count=2 sum=3\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "skeleton-prepared",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target return f1+0 cookie=0 count=2 sum=403\n"
			  "hits target second f_steps+4 cookie=0 count=3 sum=6\n"
			  "hits target sleepable f_text+0 cookie=0 count=4 sum=0\n",
		.without = "perf_event=4",
		.with = "uprobe_multi=4",
	},
	{
		.name = "skeleton-half-attached",
		.expect = "attach ENOENT\n"
			  "hits target entry f0+0 cookie=0 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "versioned-section",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry lib_once+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.with_static = "uprobe_multi=1",
	},
	{},
};
