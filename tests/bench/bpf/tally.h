/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What the BPF programs count, for each CPU, as the kernel side and the user side see it. */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include <linux/types.h>

struct tally {
	__u64 events;
	__u64 cookies; /* their sum: tells which probes were hit, not only how many */
};

#endif
