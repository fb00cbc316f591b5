// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/detach*.c. */
#include "row.h"

const struct row detach_rows[] = {
	{
		.name = "detach-many",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=12 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=16 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=4 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=8 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=13 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=17 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=5 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=9 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=10 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=14 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=18 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=2 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=6 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=11 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=15 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=19 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=3 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=7 count=1 sum=1\n"
			  "hits none\n",
		.without = "perf_event=20",
		.with = "uprobe_multi=20",
	},
	{
		.name = "detach-before-calls",
		.expect = "holds 0, child 0\n"
			  "after a map is read: 0\n"
			  "holds 1, child 0\n"
			  "after an attach: 0\n"
			  "holds 0, child 0\n"
			  "after another destroy: 0\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "detach-before-children",
		.expect = "holds 0, child 0\n"
			  "after fork: 0\n"
			  "holds 0, child 0\n"
			  "after clone: 0\n"
			  "holds 0, child 0\n"
			  "after vfork: 0\n"
			  "holds 0, child 0\n"
			  "after posix_spawn: 0\n"
			  "holds 0, child 0\n"
			  "after posix_spawnp: 0\n"
			  "holds 0, child 0\n"
			  "after system: 0\n"
			  "holds 0, child 0\n"
			  "after popen: 0\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "detach-before-fork",
		.expect = "child holds 0\n"
			  "parent holds 0\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=4 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=5 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=2 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=6 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=3 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=7 count=1 sum=1\n",
		.without = "perf_event=8",
		.with = "uprobe_multi=8",
	},
	/* Where libbpf is inside, its calls are not seen, and single links are not waited for. */
	{
		.name = "detach-object",
		.builds = SHARED | DLOPEN,
		.expect = "after detach: 0\n"
			  "after destroy: 0\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "detach-usdt",
		.builds = SHARED | DLOPEN,
		.expect = "after the link: 0\n"
			  "after the link: 0\n"
			  "after the link: 0\n",
		.without = "",
		.with = "",
	},
	{
		.name = "detach-itself",
		.expect = "lib_f0: 0\nlib_f0: 0\nlib_f0: 0\nlib_f0: 0\n"
			  "lib_f0: 0\nlib_f0: 0\nlib_f0: 0\nlib_f0: 0\n"
			  "detach_self: 0\ndetach_self: 0\ndetach_self: 0\ndetach_self: 0\n",
		.without = "",
		.with = "",
	},
	{
		.name = "detach-threads",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=2 count=3 sum=6\n"
			  "hits target entry f1+0 cookie=10 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=11 count=2 sum=3\n"
			  "hits target entry f1+0 cookie=12 count=3 sum=6\n"
			  "hits target entry f2+0 cookie=20 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=21 count=2 sum=3\n"
			  "hits target entry f2+0 cookie=22 count=3 sum=6\n"
			  "hits target entry f3+0 cookie=30 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=31 count=2 sum=3\n"
			  "hits target entry f3+0 cookie=32 count=3 sum=6\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "detach-by-ending-thread",
		.expect = "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=2 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=3 count=1 sum=1\n",
		.without = "perf_event=4",
		.with = "uprobe_multi=4",
	},
	{
		.name = "detach-in-handler",
		.expect = "while blocked: 0\n"
			  "handled 1, by others 0\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=4 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=5 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=2 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=6 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=3 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=7 count=1 sum=1\n"
			  "hits none\n",
		.without = "perf_event=8",
		.with = "uprobe_multi=8",
	},
	{
		.name = "detach-leaves-nothing",
		.expect = "limit as before\n"
			  "fds 0\n"
			  "memory as before\n"
			  "threads 1\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "detach-then-setns",
		.expect = "setns ok\n"
			  "hits none\n",
		.without = "perf_event=4",
		.with = "uprobe_multi=4",
	},
	{
		.name = "detach-limited",
		.expect = "after destroy: 0\n"
			  "after destroy: 0\n"
			  "after destroy: 0\n"
			  "after destroy: 0\n"
			  "holds 0\n"
			  "hits none\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "detach-more-limited",
		.expect = "after destroy: 0\n"
			  "after destroy: 0\n"
			  "after destroy: 0\n"
			  "after destroy: 0\n"
			  "holds 0\n"
			  "hits none\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
#define ENDED(how)               \
	"tool " how "\n"         \
	"before some, after 0\n" \
	"hits none\n"
	{
		.name = "detach-exit",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = ENDED("exited"),
		.without = "perf_event=7",
		.with = "uprobe_multi=7",
	},
	{
		.name = "detach-_exit",
		.expect = ENDED("exited"),
		.without = "perf_event=7",
		.with = "uprobe_multi=7",
	},
	{
		.name = "detach-killed",
		.expect = ENDED("was killed"),
		.without = "perf_event=7",
		.with = "uprobe_multi=7",
	},
	{
		.name = "detach-exec",
		.expect = ENDED("exited"),
		.without = "perf_event=7",
		.with = "uprobe_multi=7",
	},
	{},
};
