// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/kprobe.c, kprobe_section.c and kprobe_many.c. */
#include "row.h"

const struct row kprobe_rows[] = {
	{
		.name = "kprobe-entry",
		.builds = SHARED | STATIC | DLOPEN,
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-return",
		.builds = SHARED | STATIC | DLOPEN,
		.kprobe = true,
		.expect = "hits self return max+0 cookie=2 count=3 sum=198\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-plain-call",
		.kprobe = true,
		.expect = "hits self entry pgid+0 cookie=0 count=3 sum=-6\n"
			  "hits self return pgid+0 cookie=0 count=3 sum=-9\n",
		.without = "perf_event=2",
		.with = "kprobe_multi=2",
	},
	{
		.name = "kprobe-cookies",
		.builds = SHARED | STATIC | DLOPEN,
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=10 count=1 sum=1\n"
			  "hits self entry min+0 cookie=11 count=2 sum=3\n"
			  "hits self entry pgid+0 cookie=12 count=3 sum=-6\n"
			  "hits self entry sid+0 cookie=13 count=4 sum=-10\n",
		.without = "perf_event=4",
		.with = "kprobe_multi=4",
	},
	{
		.name = "kprobe-large-cookie",
		.kprobe = true,
		.expect = "hits self entry min+0 cookie=18446744073709551614 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-same-place",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=5 count=4 sum=7\n"
			  "hits self entry max+0 cookie=6 count=7 sum=13\n"
			  "hits self second max+0 cookie=7 count=4 sum=7\n",
		.without = "perf_event=4",
		.with = "kprobe_multi=4",
	},
	{
		.name = "kprobe-entry-and-return",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=6\n"
			  "hits self return max+0 cookie=1 count=4 sum=297\n",
		.without = "perf_event=2",
		.with = "kprobe_multi=2",
	},
	{
		.name = "kprobe-returns-one",
		.kprobe = true,
		.expect = "hits self other min+0 cookie=4 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-arguments",
		.kprobe = true,
		.expect = "argument 1 65536\n"
			  "argument 2 8192\n"
			  "argument 3 1\n"
			  "argument 4 1\n"
			  "argument 5 -3\n"
			  "argument 6 5\n"
			  "hits self entry mmap+0 cookie=1 count=1 sum=0\n"
			  "hits self return mmap+0 cookie=2 count=1 sum=-9\n",
		.without = "perf_event=2",
		.with = "kprobe_multi=2",
	},
	{
		.name = "kprobe-section-says-otherwise",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=2 sum=0\n"
			  "hits self entry min+0 cookie=2 count=3 sum=0\n",
		.without = "perf_event=2",
		.with = "kprobe_multi=2",
	},
	{
		.name = "kprobe-other-name",
		.kprobe = true,
		.expect = "hits self entry ppid+0 cookie=3 count=3 sum=0\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-nested",
		.kprobe = true,
		.expect = "hits self other max+0 cookie=2 count=3 sum=0\n",
		.without = "perf_event=2",
		.with = "kprobe_multi=2",
	},
	{
		.name = "kprobe-missed",
		.kprobe = true,
		.expect = "missed 4\n"
			  "missed 0\n"
			  "hits self other max+0 cookie=2 count=3 sum=0\n",
		.without = "perf_event=2",
		.with = "kprobe_multi=2",
	},
	{
		.name = "kprobe-skeleton",
		.builds = SHARED | STATIC | DLOPEN,
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=0 count=1 sum=1\n"
			  "hits self other sid+0 cookie=0 count=4 sum=-12\n"
			  "hits self return min+0 cookie=0 count=2 sum=2\n"
			  "hits self second pgid+0 cookie=0 count=3 sum=-6\n"
			  "detached links=0\n"
			  "hits none\n"
			  "hits self entry max+0 cookie=0 count=1 sum=1\n"
			  "hits self other sid+0 cookie=0 count=4 sum=-12\n"
			  "hits self return min+0 cookie=0 count=2 sum=2\n"
			  "hits self second pgid+0 cookie=0 count=3 sum=-6\n",
		.without = "perf_event=4; perf_event=4",
		.with = "kprobe_multi=4; kprobe_multi=4",
	},
	{
		.name = "kprobe-one-by-one",
		.kprobe = true,
		.expect = "bare EOPNOTSUPP\n"
			  "hits self entry max+0 cookie=0 count=1 sum=1\n"
			  "hits self return min+0 cookie=0 count=2 sum=2\n"
			  "hits self second pgid+0 cookie=0 count=3 sum=-6\n",
		.without = "perf_event=3",
		.with = "kprobe_multi=3",
	},
	{
		.name = "kprobe-syscall",
		.kprobe = true,
		.expect = "attach ok\n"
			  "missing ENOENT\n"
			  "hits self sleepable sid+0 cookie=6 count=4 sum=0\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-single",
		.builds = SHARED | DLOPEN,
		.kprobe = true,
		.needs_multi = true,
		.only_with = true,
		.on_perf = "perf_event=2",
		.expect = "hits self entry max+0 cookie=0 count=1 sum=1\n"
			  "hits self return min+0 cookie=0 count=2 sum=2\n"
			  "hits none\n",
		.with = "perf_event=2",
		.reason = ".single",
	},
	{
		.name = "kprobe-single-bare",
		.builds = SHARED | DLOPEN,
		.kprobe = true,
		.needs_multi = true,
		.only_with = true,
		.on_perf = "perf_event=1",
		.expect = "hits self second max+0 cookie=5 count=3 sum=6\n",
		.with = "perf_event=1",
		.reason = ".single",
	},
	{
		.name = "kprobe-own-multi",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=0 count=1 sum=1\n"
			  "hits self entry min+0 cookie=0 count=2 sum=3\n"
			  "hits self return min+0 cookie=0 count=2 sum=2\n"
			  "hits none\n",
		.without = "kprobe_multi=2/3",
		.with = "kprobe_multi=2/3",
	},
	{
		.name = "kprobe-many",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=2 count=3 sum=6\n",
		.without = "perf_event=120",
		.with = "kprobe_multi=120",
	},
	{},
};
