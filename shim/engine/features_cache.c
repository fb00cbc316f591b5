// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "features_cache.h"

#include <stdatomic.h>

#include "log.h"

static atomic_bool prog_array_checked;

const struct features *features_cached(void)
{
	static struct features features;
	static bool known;

	if (!known) {
		features_probe(&features);
		known = true;
		atomic_store(&prog_array_checked, features.prog_array_checked);
		log_line(LOG_DEBUG,
			 "kernel: uprobe_multi %d, pid filter %d, return ignored %d, PROG_ARRAY checked %d",
			 features.uprobe_multi_link, features.pid_filter, features.return_ignored,
			 features.prog_array_checked);
	}
	return &features;
}

bool features_prog_array_checked(void)
{
	return atomic_load_explicit(&prog_array_checked, memory_order_relaxed);
}
