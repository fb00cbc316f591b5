/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * One program on many perf uprobes that begin and end together: what stands in for a uprobe_multi link on a
 * kernel that has none. A perf link keeps its event, so each place costs one fd ("bpf: Implement minimal BPF
 * perf link", Linux 5.15); the fds are close-on-exec and out of the tool's way, as far as its limit allows.
 *
 * For the holder of the engine's lock, but perf_links_close().
 */
#ifndef UPSHIFT_PERF_LINKS_H
#define UPSHIFT_PERF_LINKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "link_id.h"

enum { RETPROBE_BIT = 0, REF_CTR_SHIFT = 32 }; /* /sys/bus/event_source/devices/uprobe/format */

struct perf_places {
	const char *path;
	int prog_fd;
	pid_t process; /* 0: all */
	bool retprobe;
	uint32_t cnt;
	const uint64_t *offsets;
	const uint64_t *ref_ctr_offsets; /* or NULL */
	const uint64_t *cookies;         /* or NULL */
};

struct perf_links {
	uint32_t cnt;
	struct perf_link {
		int fd;
		struct link_id link; /* zero: an event that has none yet */
	} links[];
};

/**
 * Attaches to all places, or to none. 0 and the links, to be freed; or a negative errno: the first place's
 * that was refused, as the kernel gave it, with one line in the log about all of them.
 */
long perf_links_attach(const struct perf_places *places, struct perf_links **links);

/** Detaches what is still attached; an fd that has become something else is left alone. NULL is fine. */
void perf_links_close(struct perf_links *links);

#endif
