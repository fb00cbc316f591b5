// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/no_bpf.c. */
#include "row.h"

const struct row no_bpf_rows[] = {
	{
		.name = "no-bpf-counting",
		.expect = "enable ok\n"
			  "disable ok\n"
			  "read ok\n"
			  "count 3\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "no-bpf-counting-plainly",
		.expect = "read ok\n"
			  "count 3\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "no-bpf-sampling",
		.expect = "mmap ok\n"
			  "enable ok\n"
			  "samples 3\n",
		.without = "none",
		.with = "none",
	},
	{},
};
