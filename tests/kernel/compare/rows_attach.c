// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/attach.c. */
#include "row.h"

const struct row attach_rows[] = {
	{
		.name = "entry",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "return",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target return f1+0 cookie=2 count=3 sum=606\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "plain-call",
		.expect = "hits target entry f2+0 cookie=0 count=3 sum=6\n"
			  "hits target return f2+0 cookie=0 count=3 sum=906\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "cookies",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=10 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=11 count=2 sum=3\n"
			  "hits target entry f2+0 cookie=12 count=3 sum=6\n",
		.without = "perf_event=3",
		.with = "uprobe_multi=3",
	},
	{
		.name = "large-cookie",
		.expect = "hits target entry f0+0 cookie=18446744073709551614 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "same-place",
		.expect = "hits target entry f0+0 cookie=5 count=4 sum=7\n"
			  "hits target entry f0+0 cookie=6 count=7 sum=13\n"
			  "hits target second f0+0 cookie=7 count=4 sum=7\n",
		.without = "perf_event=4",
		.with = "uprobe_multi=4",
	},
	{
		.name = "entry-and-return",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits target return f0+0 cookie=1 count=4 sum=407\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "sleepable",
		.expect = "hits target sleepable f_text+0 cookie=3 count=3 sum=882\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "returns-one",
		.returns = true,
		.expect = "hits target other f0+0 cookie=4 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "kprobe-section",
		.expect = "hits target kprobe-section f0+0 cookie=9 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "section-says-otherwise",
		.expect = "count at-entry=2 at-return=3\n"
			  "hits none\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "reference-counter",
		.expect = "semaphore before 0\n"
			  "semaphore first 1\n"
			  "semaphore second 2\n"
			  "semaphore other 0\n"
			  "semaphore one-left 1\n"
			  "semaphore after 0\n"
			  "hits target entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits target entry f1+0 cookie=2 count=1 sum=1\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "own-attach-type",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "type 1\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
	},
	{
		.name = "attach-mode",
		.expect = "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=0 count=2 sum=3\n"
			  "hits none\n",
		.without = "none; perf_event=1",
		.with = "none; perf_event=1",
		/* what the caller set stays inside of libbpf there */
		.with_static = "uprobe_multi=1; uprobe_multi=1",
	},
	{
		.name = "side-by-side",
		.expect = "hits target entry f0+0 cookie=1 count=1 sum=1\n"
			  "hits target second f0+0 cookie=2 count=3 sum=4\n",
		.without = "perf_event=2",
		.with = "perf_event=1 uprobe_multi=1",
	},
	{},
};
