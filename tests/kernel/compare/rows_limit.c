// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/limit.c. */
#include "row.h"

const struct row limit_rows[] = {
	{
		.name = "out-of-fds",
		.expect = "failed-with EMFILE\n"
			  "hits of each\n"
			  "hits none\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{},
};
