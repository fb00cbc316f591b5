/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef BENCH_HOLDS_H
#define BENCH_HOLDS_H

#include <sys/types.h>

/* What the kernel says that a process holds. */
struct holds {
	int fds;
	int links;       /* different ones: several fds can be one link */
	int multi_links; /* those of type uprobe_multi */
	long peak_kib;   /* resident memory */
};

/* From /proc, and not by BPF calls in that process: upshift is in there, and would see them. */
struct holds look_at(pid_t pid);

#endif
