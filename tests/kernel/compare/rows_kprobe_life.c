// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/kprobe_life.c and kprobe_raw.c. */
#include "row.h"

const struct row kprobe_life_rows[] = {
	{
		.name = "kprobe-again",
		.kprobe = true,
		.expect = "hits self entry min+0 cookie=0 count=2 sum=3\n"
			  "hits self entry max+0 cookie=1 count=1 sum=1\n"
			  "hits self entry min+0 cookie=2 count=2 sum=3\n"
			  "hits self entry max+0 cookie=3 count=1 sum=1\n"
			  "hits none\n",
		.without = "perf_event=1; perf_event=1; perf_event=1; perf_event=1",
		.with = "kprobe_multi=1; kprobe_multi=1; kprobe_multi=1; kprobe_multi=1",
	},
	{
		.name = "kprobe-after-object",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=1 count=2 sum=3\n"
			  "hits self return max+0 cookie=2 count=3 sum=297\n",
		.without = "perf_event=2",
		.with = "kprobe_multi=2",
	},
	{
		.name = "kprobe-update",
		.kprobe = true,
		.expect = "update EINVAL\n"
			  "detach EOPNOTSUPP\n"
			  "hits self entry max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-pinned",
		.kprobe = true,
		.expect = "pin ok\n"
			  "open ok\n"
			  "unpin ok\n"
			  "hits self entry max+0 cookie=1 count=3 sum=4\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-forks",
		.builds = SHARED | STATIC | DLOPEN,
		.kprobe = true,
		.expect = "hits child entry max+0 cookie=1 count=2 sum=3\n"
			  "hits self entry max+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-in-child",
		.kprobe = true,
		.expect = "hits child entry max+0 cookie=4 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-left-at-exit",
		.kprobe = true,
		.expect = "hits tool entry max+0 cookie=0 count=1 sum=1\n"
			  "hits tool entry max+0 cookie=1 count=1 sum=1\n"
			  "hits tool entry max+0 cookie=2 count=1 sum=1\n"
			  "hits tool entry max+0 cookie=3 count=1 sum=1\n"
			  "hits tool entry max+0 cookie=4 count=1 sum=1\n",
		.without = "perf_event=5",
		.with = "kprobe_multi=5",
	},
	{
		.name = "kprobe-left-at-signal",
		.kprobe = true,
		.expect = "hits tool entry max+0 cookie=0 count=1 sum=1\n"
			  "hits tool entry max+0 cookie=1 count=1 sum=1\n"
			  "hits tool entry max+0 cookie=2 count=1 sum=1\n"
			  "hits tool entry max+0 cookie=3 count=1 sum=1\n"
			  "hits tool entry max+0 cookie=4 count=1 sum=1\n",
		.without = "perf_event=5",
		.with = "kprobe_multi=5",
	},
	{
		.name = "kprobe-memory",
		.kprobe = true,
		.expect = "fds 0, memory the same\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "kprobe-bcc-entry",
		.builds = SHARED | STATIC | DLOPEN,
		.kprobe = true,
		.expect = "set ok\n"
			  "enable ok\n"
			  "disable ok\n"
			  "hits self entry max+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-bcc-return",
		.kprobe = true,
		.expect = "set ok\n"
			  "enable ok\n"
			  "disable ok\n"
			  "hits self return max+0 cookie=0 count=3 sum=198\n",
		.without = "none",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-raw-enable-disable",
		.kprobe = true,
		.expect = "set ok\n"
			  "disable ok\n"
			  "enable ok\n"
			  "hits self entry max+0 cookie=0 count=3 sum=3\n",
		.without = "none",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-raw-link",
		.kprobe = true,
		.expect = "create ok\n"
			  "hits self entry min+0 cookie=11 count=4 sum=7\n",
		.without = "perf_event=1",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-raw-queried",
		.kprobe = true,
		.expect = "query ENOENT\n"
			  "set ok\n"
			  "hits self entry max+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "kprobe-raw-other-ioctl",
		.kprobe = true,
		.expect = "id ok\n"
			  "id given\n"
			  "set ok\n"
			  "hits self entry max+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "kprobe-raw-dup",
		.kprobe = true,
		.expect = "set ok\n"
			  "hits self entry max+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-raw-for-itself",
		.kprobe = true,
		.expect = "set ok\n"
			  "hits child entry max+0 cookie=0 count=2 sum=3\n"
			  "hits self entry max+0 cookie=0 count=3 sum=6\n",
		.without = "none",
		.with = "none",
		.reason = "more than to run a BPF program",
	},
	{
		.name = "kprobe-raw-program-closed",
		.kprobe = true,
		.expect = "hits self entry max+0 cookie=0 count=3 sum=6\n"
			  "hits self entry pgid+0 cookie=0 count=2 sum=-3\n",
		.without = "none",
		.with = "kprobe_multi=2",
	},
	{
		.name = "kprobe-raw-refused",
		.kprobe = true,
		.expect = "missing ENOENT\n"
			  "empty EINVAL\n"
			  "nobody's module ENOENT\n"
			  "data EINVAL\n"
			  "far EINVAL\n"
			  "notrace EINVAL\n"
			  "not for kprobes EINVAL\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{},
};
