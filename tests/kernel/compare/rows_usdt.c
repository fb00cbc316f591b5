// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/usdt.c. */
#include "row.h"

/* From 1.3 on libbpf itself makes a uprobe_multi link of all locations, where the kernel has such links. */
const struct row usdt_rows[] = {
	{
		.name = "usdt-many",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "semaphore before target=0 other=0\n"
			  "semaphore during target=5 other=5\n"
			  "semaphore after target=0 other=0\n"
			  "hits other usdt location-1 cookie=77 count=3 sum=6\n"
			  "hits other usdt location-2 cookie=77 count=3 sum=6\n"
			  "hits other usdt location-3 cookie=77 count=3 sum=6\n"
			  "hits other usdt location-4 cookie=77 count=3 sum=6\n"
			  "hits other usdt location-5 cookie=77 count=3 sum=6\n"
			  "hits target usdt location-1 cookie=77 count=2 sum=3\n"
			  "hits target usdt location-2 cookie=77 count=2 sum=3\n"
			  "hits target usdt location-3 cookie=77 count=2 sum=3\n"
			  "hits target usdt location-4 cookie=77 count=2 sum=3\n"
			  "hits target usdt location-5 cookie=77 count=2 sum=3\n",
		.without = "perf_event=5|uprobe_multi=1/5",
		.with = "uprobe_multi=1/5",
		.with_static = "uprobe_multi=5|uprobe_multi=1/5",
	},
	{
		.name = "usdt-many-pid",
		.expect = "semaphore before target=0 other=0\n"
			  "semaphore during target=5 other=0\n"
			  "semaphore after target=0 other=0\n"
			  "hits target usdt location-1 cookie=77 count=2 sum=3\n"
			  "hits target usdt location-2 cookie=77 count=2 sum=3\n"
			  "hits target usdt location-3 cookie=77 count=2 sum=3\n"
			  "hits target usdt location-4 cookie=77 count=2 sum=3\n"
			  "hits target usdt location-5 cookie=77 count=2 sum=3\n",
		.without = "perf_event=5|uprobe_multi=1/5",
		.with = "perf_event=5|uprobe_multi=1/5",
	},
	{
		.name = "usdt-one-pid",
		.expect = "semaphore before target=0 other=0\n"
			  "semaphore during target=1 other=0\n"
			  "semaphore after target=0 other=0\n"
			  "hits target usdt location-10 cookie=77 count=2 sum=3\n",
		.without = "perf_event=1|uprobe_multi=1",
		.with = "perf_event=1|uprobe_multi=1",
	},
	{
		.name = "usdt-plain",
		.expect = "semaphore before target=0 other=0\n"
			  "semaphore during target=0 other=0\n"
			  "semaphore after target=0 other=0\n"
			  "hits other usdt location-20 cookie=77 count=3 sum=6\n"
			  "hits target usdt location-20 cookie=77 count=2 sum=3\n",
		.without = "perf_event=1|uprobe_multi=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "usdt-one-program-twice",
		.expect = "semaphore after target=0 other=0\n"
			  "hits target usdt location-10 cookie=1 count=2 sum=3\n"
			  "hits target usdt location-20 cookie=2 count=3 sum=4\n",
		.without = "perf_event=2|uprobe_multi=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "usdt-same-twice",
		.expect = "semaphore both target=1 other=1\n"
			  "semaphore second target=1 other=1\n"
			  "semaphore after target=0 other=0\n"
			  "hits target usdt location-10 cookie=1 count=2 sum=3\n"
			  "hits target usdt location-10 cookie=2 count=3 sum=4\n",
		.without = "perf_event=2|uprobe_multi=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "usdt-section",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "semaphore during target=5 other=5\n"
			  "semaphore after target=0 other=0\n"
			  "hits target usdt location-1 cookie=0 count=2 sum=3\n"
			  "hits target usdt location-2 cookie=0 count=2 sum=3\n"
			  "hits target usdt location-3 cookie=0 count=2 sum=3\n"
			  "hits target usdt location-4 cookie=0 count=2 sum=3\n"
			  "hits target usdt location-5 cookie=0 count=2 sum=3\n",
		.without = "perf_event=5|uprobe_multi=1/5",
		.with = "uprobe_multi=1/5",
		.with_static = "uprobe_multi=5|uprobe_multi=1/5",
		/* A skeleton attaches it: bpf_program__attach_usdt() is not called from outside. */
		.with_symbolic = "uprobe_multi=5|uprobe_multi=1/5",
	},
	{
		.name = "usdt-bad",
		.expect = "missing ENOENT\n"
			  "no-notes ENOENT\n"
			  "no-process ESRCH\n"
			  "semaphore after target=0 other=0\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "usdt-too-many",
		.expect = "attach E2BIG\n"
			  "semaphore 0\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{},
};
