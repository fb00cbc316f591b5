// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "features_cache.h"

#include <stdatomic.h>

#include "bpf.h"
#include "config.h"
#include "log.h"
#include "token.h"

static atomic_bool prog_array_checked;

static struct features features;
static bool token_tried;

/** With this token, or else one of ours, or none. */
static void probe(int token_fd)
{
	long own = -1;

	if (token_fd < 0)
		token_fd = (int)(own = token_open());
	token_tried |= token_fd >= 0;
	bpf_use_token(token_fd < 0 ? -1 : token_fd);
	features_probe(&features);
	bpf_use_token(-1);
	if (token_fd >= 0 && !features.uprobe_multi_link && !features.no_uprobe_multi_link &&
	    !(config.kprobes && features.kprobe_multi_link))
		token_tell_program(token_fd, BPF_PROG_TYPE_KPROBE, UAPI_BPF_TRACE_UPROBE_MULTI);
	if (token_fd >= 0 && config.kprobes && !features.kprobe_multi_link)
		token_tell_program(token_fd, BPF_PROG_TYPE_KPROBE, UAPI_BPF_TRACE_KPROBE_MULTI);
	token_close(own);
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
		probe(-1);
	known = true;
	return &features;
}

void features_see_token(int token_fd)
{
	/* Once: it takes a moment, and a second token of the same tool allows what the first did. */
	if (features_cached()->uprobe_multi_link || features.no_uprobe_multi_link || token_tried)
		return;
	probe(token_fd);
}

bool features_prog_array_checked(void)
{
	return atomic_load_explicit(&prog_array_checked, memory_order_relaxed);
}
