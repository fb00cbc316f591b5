/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef BENCH_TALLY_BPF_H
#define BENCH_TALLY_BPF_H

#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include "tally.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tally);
} tally SEC(".maps");

static __always_inline void count(__u64 cookie)
{
	__u32 zero = 0;
	struct tally *mine = bpf_map_lookup_elem(&tally, &zero);

	if (!mine)
		return;
	/* Atomic although it is this CPU's own: another thread may get the CPU in the middle. */
	__sync_fetch_and_add(&mine->events, 1);
	__sync_fetch_and_add(&mine->cookies, cookie);
}

#endif
