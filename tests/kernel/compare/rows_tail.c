// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/tail.c. */
#include "row.h"

const struct row tail_rows[] = {
	{
		.name = "tail-call",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target callee f0+0 cookie=1 count=3 sum=6\n"
			  "hits target caller f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
	},
	{
		.name = "tail-call-callee-attached",
		.expect = "hits target callee f0+0 cookie=1 count=3 sum=6\n"
			  "hits target callee f1+0 cookie=2 count=2 sum=3\n"
			  "hits target caller f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=2",
		.with = "perf_event=2",
	},
	{
		.name = "tail-call-put-before",
		.expect = "put ok\n"
			  "hits target callee f0+0 cookie=1 count=3 sum=3000\n"
			  "hits target caller f0+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
	},
	{
		.name = "tail-call-put-after",
		.expect = "put ok\n"
			  "hits target callee f0+0 cookie=1 count=3 sum=3000\n"
			  "hits target callee f1+0 cookie=2 count=1 sum=1000\n"
			  "hits target caller f0+0 cookie=1 count=4 sum=7\n"
			  "hits target second f0+0 cookie=1 count=1 sum=0\n",
		.without = "perf_event=2",
		.with = "perf_event=2|perf_event=1 uprobe_multi=1",
	},
	{
		.name = "tail-call-of-another-object",
		.expect = "put ok\n"
			  "hits target caller f0+0 cookie=1 count=3 sum=6\n"
			  "hits target second f0+0 cookie=1 count=4 sum=7\n"
			  "hits target second f1+0 cookie=2 count=2 sum=3\n",
		.without = "perf_event=2",
		.with = "perf_event=2|perf_event=1 uprobe_multi=1",
	},
	{},
};
