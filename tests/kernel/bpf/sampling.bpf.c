// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A program of another type on a perf event that is no uprobe. */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 samples;

SEC("perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	(void)ctx;
	__sync_fetch_and_add(&samples, 1);
	return 0;
}
