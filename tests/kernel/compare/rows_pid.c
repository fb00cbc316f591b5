// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/pid.c. */
#include "row.h"

const struct row pid_rows[] = {
	{
		.name = "pid-zero",
		.expect = "hits self entry lib_f0+0 cookie=1 count=4 sum=7\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-own",
		.expect = "hits self entry lib_f0+0 cookie=1 count=4 sum=7\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-zero-own-executable",
		.expect = "hits self entry self_f+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-all-own-executable",
		.expect = "hits self entry self_f+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-all",
		.expect = "hits later entry f0+0 cookie=1 count=5 sum=15\n"
			  "hits other entry f0+0 cookie=1 count=4 sum=10\n"
			  "hits target entry f0+0 cookie=1 count=5 sum=9\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-another-process",
		.expect = "hits target entry f0+0 cookie=1 count=5 sum=9\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-thread",
		.expect = "hits target entry f0+0 cookie=1 count=5 sum=9\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-thread-return",
		.expect = "hits target return f1+0 cookie=1 count=3 sum=604\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-forked-child",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=4\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-all-forked-child",
		.expect = "hits child entry f0+0 cookie=1 count=7 sum=28\n"
			  "hits target entry f0+0 cookie=1 count=1 sum=1\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-nobody",
		.expect = "gone ESRCH\n"
			  "never ESRCH\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{},
};
