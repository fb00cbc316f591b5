// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* One program jumps to another; that one is attached by itself as well. */
#include "kprobe.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("kprobe")
int callee(struct pt_regs *ctx)
{
	record_call(ctx, HIT_TAIL_CALLEE, argument(ctx));
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} jumps SEC(".maps") = {
	.values = { [0] = (void *)&callee },
};

SEC("kprobe")
int caller(struct pt_regs *ctx)
{
	record_call(ctx, HIT_TAIL_CALLER, argument(ctx));
	bpf_tail_call(ctx, &jumps, 0);
	record_call(ctx, HIT_SECOND, 0); /* the call did not happen */
	return 0;
}
