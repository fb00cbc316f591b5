// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/feature.c. */
#include "row.h"

const struct row feature_rows[] = {
	{
		.name = "feature-libbpf",
		.builds = SHARED | STATIC | DLOPEN,
		/* whatever this kernel has */
		.without = "",
		.with = "",
	},
	{
		.name = "feature-bad-links",
		.builds = SHARED | STATIC | DLOPEN,
		/* kernels do not agree on all of it */
		.without = "none",
		.with = "none",
	},
	{},
};
