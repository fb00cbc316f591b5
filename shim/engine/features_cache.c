// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "features_cache.h"

#include <stdatomic.h>

#include "bpf.h"
#include "log.h"

static atomic_bool prog_array_checked;

static struct features features;

static void probe(void)
{
	features_probe(&features);
	atomic_store(&prog_array_checked, features.prog_array_checked);
	log_line(LOG_DEBUG,
		 "kernel: uprobe_multi %d, pid filter %d, return ignored %d, PROG_ARRAY checked %d",
		 features.uprobe_multi_link, features.pid_filter, features.return_ignored,
		 features.prog_array_checked);
}

const struct features *features_cached(void)
{
	static bool known;

	if (!known)
		probe();
	known = true;
	return &features;
}

void features_see_token(int token_fd)
{
	if (features_cached()->uprobe_multi_link || features.no_uprobe_multi_link)
		return;
	bpf_use_token(token_fd);
	probe();
	bpf_use_token(-1);
}

bool features_prog_array_checked(void)
{
	return atomic_load_explicit(&prog_array_checked, memory_order_relaxed);
}
