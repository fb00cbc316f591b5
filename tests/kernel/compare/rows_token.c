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
	{},
};
