// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/token.c. */
#include "row.h"

const struct row token_rows[] = {
	{
		.name = "token-none",
		.expect = "open ok\n"
			  "load EINVAL\n"
			  "open ok\n"
			  "load ENOENT\n"
			  "open ok\n"
			  "load ENOTDIR\n"
			  "load 0\n",
		.without = "",
		.with = "",
	},
	{
		.name = "token-multi",
		.expect = "attach ok\n"
			  "hits target entry many_a1+0 cookie=0 count=2 sum=3\n"
			  "hits target entry many_a2+0 cookie=0 count=3 sum=6\n",
		.without = "uprobe_multi=1/2",
		.with = "uprobe_multi=1/2",
	},
	/* Without, perf_event_open() fails with EACCES: it knows no tokens. */
	{
		.name = "token-uprobe",
		.expect = "attach ok\n"
			  "hits target second many_a1+0 cookie=0 count=2 sum=3\n",
		.with = "uprobe_multi=1",
		.only_with = true,
	},
	/* It has nothing of its own that could make a token. */
	{
		.name = "token-both-sides",
		.builds = SHARED | STATIC | DLOPEN,
		.expect = "load EPERM\n",
		.without = "",
		.with = "",
	},
	/* A first line says that there are no tokens before it enters the namespace. */
	{
		.name = "token-both-sides-ours",
		.scenario = "token-both-sides",
		.builds = SHARED | STATIC | DLOPEN,
		.settings = "UPSHIFT_TOKEN=/sys/fs/bpf",
		.expect = "load ok\n"
			  "hits inside entry f0+0 cookie=1 count=2 sum=3\n"
			  "hits inside return f1+0 cookie=2 count=4 sum=810\n"
			  "hits target entry f0+0 cookie=1 count=3 sum=6\n"
			  "hits target return f1+0 cookie=2 count=1 sum=201\n",
		.complaints = 1,
		.with = "uprobe_multi=2",
	},
	{},
};
