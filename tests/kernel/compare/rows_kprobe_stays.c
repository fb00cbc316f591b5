// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/kprobe_stays.c and kprobe_need.c. */
#include "row.h"

const struct row kprobe_stay_rows[] = {
	{
		.name = "kprobe-offset",
		.kprobe = true,
		.expect = "attach ok\n"
			  "hits self entry max+0 cookie=1 count=3 sum=0\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "at an offset",
	},
	{
		.name = "kprobe-address",
		.kprobe = true,
		.expect = "open ok\n"
			  "set ok\n"
			  "hits self entry max+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "none",
		.reason = "at an address",
	},
	{
		.name = "kprobe-sleepable",
		.kprobe = true,
		.expect = "attach EINVAL\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "kprobe-twice",
		.kprobe = true,
		.without = "none",
		.with = "none",
	},
	{
		.name = "kprobe-unreachable",
		.kprobe = true,
		.without = "none|perf_event=1",
		.with = "none|perf_event=1",
	},
	{
		.name = "kprobe-attach-mode",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=0 count=1 sum=1\n"
			  "hits self entry max+0 cookie=0 count=2 sum=3\n"
			  "hits none\n",
		.without = "none; perf_event=1",
		.with = "none; perf_event=1",
		.with_static = "kprobe_multi=1; kprobe_multi=1",
	},
	{
		.name = "kprobe-legacy",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "kprobe-own-attach-type",
		.builds = SHARED | STATIC | DLOPEN,
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "expected attach type itself",
	},
	{
		.name = "kprobe-tail-call",
		.builds = SHARED | STATIC | DLOPEN,
		.kprobe = true,
		.expect = "hits self callee max+0 cookie=1 count=3 sum=6\n"
			  "hits self callee min+0 cookie=2 count=2 sum=3\n"
			  "hits self caller max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=2",
		.with = "perf_event=2",
		.reason = "tail calls",
	},
	{
		.name = "kprobe-own-multi-on-perf",
		.kprobe = true,
		.only_with = true,
		.risky = true,
		.expect = "set ok\n"
			  "hits self entry max+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "none",
		.on_perf = "none",
	},
	{
		.name = "kprobe-module",
		.kprobe = true,
		.expect = "bare unload ok\n"
			  "hits child entry elsewhere cookie=1 count=1 sum=0\n"
			  "named unload ok\n"
			  "hits child entry elsewhere cookie=1 count=1 sum=0\n"
			  "hits none\n",
		.without = "perf_event=1; perf_event=1",
		.with = "perf_event=1; perf_event=1",
		.reason = "module",
	},
	{
		.name = "kprobe-override",
		.kprobe = true,
		.without = "none",
		.with = "none",
	},
	{
		.name = "kprobe-hands-over",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "may read registers",
	},
	{
		.name = "kprobe-kept-register",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "may read registers",
	},
	{
		.name = "kprobe-scratch-register",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "may read registers",
	},
	{
		.name = "kprobe-flags",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "may read registers",
	},
	{
		.name = "kprobe-register-at-return",
		.kprobe = true,
		.expect = "hits self return max+0 cookie=2 count=3 sum=198\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "may read registers",
	},
	{
		.name = "kprobe-instruction-pointer",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "may read registers",
	},
	{
		.name = "kprobe-stack",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=3\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "reads stacks",
	},
	{
		.name = "kprobe-stack-id",
		.kprobe = true,
		.expect = "hits self return max+0 cookie=1 count=3 sum=3\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "reads stacks",
	},
	{
		.name = "kprobe-user-stack",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=3 sum=3\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "reads stacks",
	},
	{
		.name = "kprobe-return-beside-stack",
		.kprobe = true,
		.expect = "hits self return max+0 cookie=1 count=3 sum=198\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "reads stacks",
	},
	{},
};
