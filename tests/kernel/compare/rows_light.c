// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/light.c. Nothing is known of programs whose load was not seen, so they stay where they are. */
#include "row.h"

const struct row light_rows[] = {
	{
		.name = "light-link",
		.expect = "entry ok\n"
			  "return ok\n"
			  "hits target entry f0+0 cookie=7 count=2 sum=3\n"
			  "hits target return f0+0 cookie=8 count=3 sum=304\n",
		.without = "perf_event=2",
		.with = "perf_event=2",
	},
	{
		.name = "light-ioctl",
		.expect = "set ok\n"
			  "enable ok\n"
			  "hits target entry f0+0 cookie=0 count=2 sum=3\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "light-multi-link",
		.needs_multi = true,
		.expect = "create EINVAL\n"
			  "hits none\n",
		.without = "",
		.with = "",
	},
	{},
};
