// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/keeper*.c. */
#include "row.h"

#define ONE_BY_ONE(cnt) "perf_event=" cnt "; keeper=no"
#define AT_ONCE(cnt)    "uprobe_multi=" cnt "; keeper=yes"

#define KILLED                                      \
	"SIGKILL: dies of SIGKILL, left: nothing\n" \
	"SIGTERM: dies of SIGTERM, left: nothing\n" \
	"hits none\n"

const struct row keeper_rows[] = {
	{
		.name = "keeper-killed",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = KILLED,
		.without = ONE_BY_ONE("6") "; " ONE_BY_ONE("6"),
		.with = AT_ONCE("100") "; " AT_ONCE("100"),
	},
	{
		.name = "keeper-off",
		.scenario = "keeper-killed",
		.settings = "UPSHIFT_KEEP=off",
		.without = ONE_BY_ONE("6") "; " ONE_BY_ONE("6"),
		.with = "uprobe_multi=6; keeper=no; uprobe_multi=6; keeper=no",
	},
	{
		.name = "keeper-ended",
		.expect = "SIGSEGV: dies of SIGSEGV, left: nothing\n"
			  "abort(): dies of SIGABRT, left: nothing\n"
			  "raise(): dies of SIGINT, left: nothing\n"
			  "kill(): dies of SIGINT, left: nothing\n"
			  "_exit(): exits 5, left: nothing\n"
			  "exit_group(): exits 4, left: nothing\n"
			  "exec(): exits 0, left: nothing\n"
			  "quick_exit(): exits 3, left: nothing\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "keeper-out-of-memory",
		.expect = "OOM: dies of SIGKILL, left: nothing\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "keeper-at-random",
		.expect = "hits none\n",
		.without = "",
		.with = "",
	},
#define OUTLIVED(how) how ": ..##\nthen: nothing\n"
	{
		.name = "keeper-outlived",
		.expect = OUTLIVED("fork()") OUTLIVED("_Fork()") OUTLIVED("clone()") OUTLIVED("SYS_clone")
			OUTLIVED("SYS_clone3") OUTLIVED("CLONE_FILES") "hits none\n",
		.without = "",
		.with = "",
	},
	{
		.name = "keeper-daemon",
		.expect = "left: nothing\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=2 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=3 count=1 sum=1\n",
		.without = "",
		.with = "",
	},
#define UNSEEN(way)                                                          \
	{                                                                    \
		.name = "keeper-unseen-" way,                                \
		.expect = "gone\n"                                           \
			  "then: dies of SIGKILL, left: nothing\n"           \
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"  \
			  "hits target entry f1+0 cookie=1 count=2 sum=2\n"  \
			  "hits target entry f2+0 cookie=2 count=2 sum=2\n"  \
			  "hits target entry f3+0 cookie=3 count=2 sum=2\n", \
		.without = "", .with = "",                                   \
	}
	UNSEEN("stream"),
	UNSEEN("call"),
	UNSEEN("range"),
	UNSEEN("dup"),
	UNSEEN("ring"),
	{
		.name = "keeper-fd-taken",
		.expect = "close(): dies of SIGKILL, left: nothing\n"
			  "dup2(): dies of SIGKILL, left: nothing\n"
			  "dup2() of a directory: dies of SIGKILL, left: nothing\n"
			  "close_range(): dies of SIGKILL, left: nothing\n"
			  "hits target entry f0+0 cookie=0 count=8 sum=8\n"
			  "hits target entry f1+0 cookie=1 count=12 sum=12\n"
			  "hits target entry f2+0 cookie=2 count=12 sum=12\n"
			  "hits target entry f3+0 cookie=3 count=12 sum=12\n",
		.without = "keeper=no; keeper=no; keeper=no; keeper=no",
		.with = "keeper=yes; keeper=yes; keeper=yes; keeper=yes",
	},
/* Of the four links, the first three are closed. */
#define CHANGED_TO(state, way)                                               \
	{                                                                    \
		.name = "keeper-" way,                                       \
		.expect = "killed: dies of SIGKILL, left: nothing\n"         \
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"  \
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"  \
			  "hits target entry f2+0 cookie=2 count=1 sum=1\n"  \
			  "hits target entry f3+0 cookie=3 count=1 sum=1\n", \
		.without = "keeper=no", .with = "keeper=" state,             \
	}
	CHANGED_TO("yes", "unchanged"),
	CHANGED_TO("yes", "chroot"),
	CHANGED_TO("yes", "pivot_root"),
	CHANGED_TO("yes", "unshare"),
	CHANGED_TO("yes", "setns"),
	CHANGED_TO("yes", "setuid"),
	CHANGED_TO("yes", "capset"),
	CHANGED_TO("yes", "user-namespace"),
	CHANGED_TO("no", "seccomp-before"),
	CHANGED_TO("yes", "seccomp-after"),
	CHANGED_TO("yes", "limit-before"),
	CHANGED_TO("yes", "limit-after"),
	{
		.name = "keeper-few-capabilities",
		.only_with = true,
		.expect = "killed: dies of SIGKILL, left: nothing\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=2 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=3 count=1 sum=1\n",
		.without = "keeper=no",
		.with = "keeper=no",
	},
	{
		.name = "keeper-filled-up",
		.expect = "killed: dies of SIGKILL, left: nothing\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=2 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=3 count=1 sum=1\n",
		.without = "",
		.with = "",
	},
	{
		.name = "keeper-own-pin",
		.expect = "gone\ngone\ngone\n"
			  "left: nothing\n"
			  "hits target entry f0+0 cookie=0 count=2 sum=2\n"
			  "hits target entry f1+0 cookie=1 count=1 sum=1\n"
			  "hits target entry f2+0 cookie=2 count=1 sum=1\n"
			  "hits target entry f3+0 cookie=3 count=1 sum=1\n",
		.without = "",
		.with = "",
	},
	{},
};
