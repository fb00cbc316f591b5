// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Events by a ring buffer, and counts in maps of several types. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

const volatile __u32 traced;
__u64 last; /* in a map that the tool has mapped */

SEC("uprobe")
int to_ring(struct pt_regs *ctx)
{
	__u64 *event, *count;
	__u32 zero = 0;

	if (traced && bpf_get_current_pid_tgid() >> 32 != traced)
		return 0;
	count = bpf_map_lookup_elem(&counts, &zero);
	if (count)
		++*count;
	last = PT_REGS_PARM1(ctx);
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	*event = PT_REGS_PARM1(ctx);
	bpf_ringbuf_submit(event, 0);
	return 0;
}
