// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/own_multi.c, and for what of new_section.c and usdt.c the newer libbpfs can do by themselves.
 */
#include "row.h"

const struct row own_multi_rows[] = {
	{
		.name = "own-multi-section",
		.needs_multi = true,
		.on_perf = "perf_event=8",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry many_a1+0 cookie=0 count=1 sum=1\n"
			  "hits target entry many_a2+0 cookie=0 count=2 sum=3\n"
			  "hits target entry many_b1+0 cookie=0 count=3 sum=6\n"
			  "hits target entry many_b2+0 cookie=0 count=4 sum=10\n"
			  "hits target other f_text+0 cookie=0 count=5 sum=15\n"
			  "hits target return many_a1+0 cookie=0 count=1 sum=12\n"
			  "hits target return many_b1+0 cookie=0 count=3 sum=69\n"
			  "hits target sleepable f_text+0 cookie=0 count=5 sum=0\n"
			  "hits none\n",
		.without = "uprobe_multi=4/8",
		.with = "uprobe_multi=4/8",
	},
	{
		.name = "own-multi-section-one",
		.needs_multi = true,
		.on_perf = "perf_event=4",
		.expect = "attach ok\n"
			  "hits target entry many_a1+0 cookie=0 count=1 sum=1\n"
			  "hits target entry many_a2+0 cookie=0 count=2 sum=3\n"
			  "hits target entry many_b1+0 cookie=0 count=3 sum=6\n"
			  "hits target entry many_b2+0 cookie=0 count=4 sum=10\n",
		.without = "uprobe_multi=1/4",
		.with = "uprobe_multi=1/4",
	},
	{
		.name = "own-multi-pattern",
		.needs_multi = true,
		.on_perf = "perf_event=6",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry many_a1+0 cookie=0 count=1 sum=1\n"
			  "hits target entry many_a2+0 cookie=0 count=2 sum=3\n"
			  "hits target entry many_b1+0 cookie=0 count=3 sum=6\n"
			  "hits target entry many_b2+0 cookie=0 count=4 sum=10\n"
			  "hits target return many_a1+0 cookie=0 count=2 sum=24\n"
			  "hits target return many_b1+0 cookie=0 count=6 sum=138\n",
		.without = "uprobe_multi=2/6",
		.with = "uprobe_multi=2/6",
	},
	{
		.name = "own-multi-symbols",
		.needs_multi = true,
		.on_perf = "perf_event=3",
		.expect = "hits other entry many_a1+0 cookie=9223372036854775808 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits target entry f3+0 cookie=3 count=3 sum=6\n",
		.without = "uprobe_multi=1/3",
		.with = "uprobe_multi=1/3",
	},
	{
		.name = "own-multi-offsets",
		.needs_multi = true,
		.on_perf = "perf_event=3",
		.expect = "semaphore before own=0 other=0\n"
			  "semaphore during own=1 other=1\n"
			  "semaphore after own=0 other=0\n"
			  "hits target entry f0+0 cookie=10 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=30 count=2 sum=3\n"
			  "hits target entry f1+0 cookie=20 count=3 sum=6\n",
		.without = "uprobe_multi=1/3",
		.with = "uprobe_multi=1/3",
	},
	{
		.name = "own-multi-pid",
		.needs_multi = true,
		.on_perf = "perf_event=4",
		.expect = "hits other return f0+0 cookie=0 count=3 sum=306\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=0 count=2 sum=3\n",
		.without = "uprobe_multi=2/4",
		.with = "uprobe_multi=2/4",
	},
	{
		.name = "own-multi-errors",
		.needs_multi = true,
		.expect = "nothing EINVAL\n"
			  "both EINVAL\n"
			  "no-match ENOENT\n"
			  "no-symbol ENOENT\n"
			  "no-file ENOENT\n"
			  "directory EBADF\n"
			  "past-the-end EINVAL\n"
			  "nobody ESRCH\n"
			  "wrong-program EINVAL\n"
			  "as-uprobe EINVAL\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "own-multi-beside-uprobe",
		.needs_multi = true,
		.on_perf = "perf_event=3",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry many_a1+0 cookie=0 count=2 sum=2\n"
			  "hits target entry many_a2+0 cookie=0 count=4 sum=6\n"
			  "hits target second many_a1+0 cookie=5 count=1 sum=1\n",
		.without = "perf_event=1 uprobe_multi=1/2",
		.with = "uprobe_multi=2/3",
	},
	{
		.name = "own-session",
		.needs_multi = true,
		.expect = "hits target entry f0+0 cookie=0 count=2 sum=3\n"
			  "hits target entry many_a1+0 cookie=0 count=1 sum=1\n"
			  "hits target entry many_a2+0 cookie=0 count=2 sum=3\n"
			  "hits target entry many_b1+0 cookie=0 count=3 sum=6\n"
			  "hits target entry many_b2+0 cookie=0 count=4 sum=10\n"
			  "hits target return many_a1+0 cookie=0 count=1 sum=12\n"
			  "hits target return many_a2+0 cookie=0 count=2 sum=27\n"
			  "hits target return many_b1+0 cookie=0 count=3 sum=69\n"
			  "hits target return many_b2+0 cookie=0 count=4 sum=98\n",
		/* "f?" is f0 to f3 */
		.without = "uprobe_multi=2/8",
		.with = "uprobe_multi=2/8",
	},
	{
		.name = "own-multi-usdt",
		.needs_multi = true,
		.on_perf = "perf_event=5",
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
		.without = "uprobe_multi=1/5",
		.with = "uprobe_multi=1/5",
	},
	{},
};
