// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/daemon.c, scenario/sandbox.c and scenario/seccomp.c. */
#include "row.h"

/* A call is forbidden, then the next: what each of the programs attached then counts, and on which path. */
#define EACH_FORBIDDEN                                     \
	"hits target entry f0+0 cookie=1 count=1 sum=1\n"  \
	"hits target entry f0+0 cookie=10 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=11 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=12 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=13 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=14 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=15 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=16 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=17 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=18 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=19 count=1 sum=1\n" \
	"hits target entry f0+0 cookie=2 count=1 sum=1\n"  \
	"hits target entry f0+0 cookie=3 count=1 sum=1\n"  \
	"hits target entry f0+0 cookie=4 count=1 sum=1\n"  \
	"hits target entry f0+0 cookie=5 count=1 sum=1\n"  \
	"hits target entry f0+0 cookie=6 count=1 sum=1\n"  \
	"hits target entry f0+0 cookie=7 count=1 sum=1\n"  \
	"hits target entry f0+0 cookie=8 count=1 sum=1\n"  \
	"hits target entry f0+0 cookie=9 count=1 sum=1\n"  \
	"hits target second f0+0 cookie=0 count=19 sum=19\n"
#define ALL_ON_PERF                                                              \
	"perf_event=1; perf_event=1; perf_event=1; perf_event=1; perf_event=1; " \
	"perf_event=1; perf_event=1; perf_event=1; perf_event=1; perf_event=1; " \
	"perf_event=1; perf_event=1; perf_event=1; perf_event=1; perf_event=1; " \
	"perf_event=1; perf_event=1; perf_event=1; perf_event=1"
/* Without fcntl() nobody knows whether there are fds to spare, which matters (R6) to kernels without
 * sessions. */
#define WITHOUT_FCNTL(path)                                                                                \
	"perf_event=1; perf_event=1; uprobe_multi=1; uprobe_multi=1; " path "=1; uprobe_multi=1; "         \
	"uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; perf_event=1; "   \
	"uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; uprobe_multi=1; " \
	"uprobe_multi=1"
#define MOST_UPGRADED WITHOUT_FCNTL("uprobe_multi") "|" WITHOUT_FCNTL("perf_event")

const struct row sandbox_rows[] = {
	{
		.name = "sweep-of-all-fds",
		.expect = "links 0\n"
			  "all numbers are the tool's\n"
			  "links 0\n"
			  "all numbers are the tool's\n"
			  "hits target entry f0+0 cookie=1 count=6 sum=12\n"
			  "hits target entry f0+0 cookie=2 count=6 sum=12\n"
			  "hits target entry f0+0 cookie=3 count=4 sum=6\n"
			  "hits target second f0+0 cookie=0 count=6 sum=12\n",
		.without = "perf_event=2; perf_event=1; perf_event=2; perf_event=1",
		.with = "uprobe_multi=3; uprobe_multi=1; uprobe_multi=3; uprobe_multi=1",
	},
	{
		.name = "streams-closed",
		.expect = "free 1 1 1\n"
			  "hits target entry f0+0 cookie=1 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "daemon-before-attach",
		.expect = "hits target entry f0+0 cookie=1 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "daemon-after-attach",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=2 count=4 sum=5\n"
			  "hits target entry f0+0 cookie=3 count=1 sum=1\n",
		.without = "perf_event=2; perf_event=2",
		.with = "uprobe_multi=2; uprobe_multi=2",
	},
	{
		.name = "daemon-by-hand",
		.expect = "hits target entry f0+0 cookie=1 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "proc-and-sys-hidden",
		.expect = "attach ok\n"
			  "libbpf ok\n"
			  "attach ok\n"
			  "libbpf ENOENT\n"
			  "attach ok\n"
			  "libbpf ENOENT\n"
			  "hits target entry f0+0 cookie=2 count=6 sum=9\n"
			  "hits target entry f0+0 cookie=3 count=2 sum=3\n",
		.without = "perf_event=1; perf_event=1; perf_event=1",
		.with = "perf_event=1; perf_event=1; perf_event=1",
	},
	{
		.name = "chroot-after-attach",
		.expect = "attach ok\n"
			  "attach ENOENT\n"
			  "hits target entry f0+0 cookie=1 count=4 sum=5\n"
			  "hits target entry f0+0 cookie=2 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
	},
	{
		.name = "privileges-dropped",
		.expect = "hits target entry f0+0 cookie=1 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "privileges-kept",
		.expect = "dumpable 0\n"
			  "hits target entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=2 count=2 sum=3\n",
		.without = "perf_event=1; perf_event=1",
		.with = "uprobe_multi=1; uprobe_multi=1",
	},
	{
		.name = "not-dumpable",
		.expect = "hits target entry f0+0 cookie=1 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-namespace",
		.expect = "pid 1\n"
			  "outer id ESRCH\n"
			  "own id ok\n"
			  "hits target entry f0+0 cookie=1 count=4 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "seccomp-refuses",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = EACH_FORBIDDEN,
		.without = ALL_ON_PERF,
		.with = MOST_UPGRADED,
	},
	{
		.name = "seccomp-knows-not",
		.expect = EACH_FORBIDDEN,
		.without = ALL_ON_PERF,
		.with = MOST_UPGRADED,
	},
	{
		.name = "seccomp-kills",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "hits target entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=3 count=3 sum=6\n"
			  "hits target entry f1+0 cookie=2 count=2 sum=3\n"
			  "hits target second f0+0 cookie=0 count=2 sum=3\n",
		.without = "perf_event=2; none; perf_event=1",
		.with = "uprobe_multi=3; none; uprobe_multi=1",
	},
	{},
};
