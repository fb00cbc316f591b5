// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/native.c. */
#include "row.h"

#define HITS                                              \
	"hits target entry f0+0 cookie=0 count=3 sum=6\n" \
	"hits target return f1+0 cookie=0 count=2 sum=403\n"

/* The program at the return is upgraded in all of these but where links are denied. */
const struct row native_rows[] = {
	{
		.name = "native-asked-for-id",
		.risky = true,
		.expect = "id ok\nset ok\nset ok\n" HITS,
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "native-queried",
		.risky = true,
		.expect = "query ENOENT\nset ok\nset ok\n" HITS,
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "native-enabled",
		.risky = true,
		.expect = "enable ok\nset ok\nset ok\n" HITS,
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "native-for-samples",
		.risky = true,
		.expect = "set ok\nset ok\n" HITS,
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "native-for-children",
		.risky = true,
		.expect = "set ok\nset ok\n" HITS,
		.without = "none",
		.with = "uprobe_multi=1",
	},
	{
		.name = "native-links-denied",
		.risky = true,
		.expect = "set ok\nset ok\n" HITS,
		.without = "none",
		.with = "none",
	},
	{
		.name = "native-kprobe",
		.risky = true,
		.expect = "set ok\ncount 4, cookies 0\nhits none\n",
		.without = "",
		.with = "",
	},
	/* Without upshift this is what must never happen. */
	{
		.name = "native-own-multi",
		.risky = true,
		.only_with = true,
		.expect = "set ok\nhits target entry f0+0 cookie=0 count=3 sum=6\n",
		.with = "none",
	},
	{
		.name = "native-override",
		.risky = true,
		.expect = "set EINVAL\ncreate EINVAL\nattach EINVAL\nhits none\n",
		.without = "none",
		.with = "none",
	},
	{},
};
