// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* One callee is in its PROG_ARRAY from the start, the other is put there while the tool runs. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe")
int callee_static(struct pt_regs *ctx)
{
	record(ctx, HIT_TAIL_CALLEE, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uprobe")
int callee_later(struct pt_regs *ctx)
{
	record(ctx, HIT_TAIL_CALLEE, 1000);
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} jumps SEC(".maps") = {
	.values = { [0] = (void *)&callee_static },
};

SEC("uprobe")
int caller_static(struct pt_regs *ctx)
{
	record(ctx, HIT_TAIL_CALLER, PT_REGS_PARM1(ctx));
	bpf_tail_call(ctx, &jumps, 0);
	record(ctx, HIT_SECOND, 0); /* the call did not happen */
	return 0;
}

SEC("uprobe")
int caller_later(struct pt_regs *ctx)
{
	record(ctx, HIT_TAIL_CALLER, PT_REGS_PARM1(ctx));
	bpf_tail_call(ctx, &jumps, 1);
	record(ctx, HIT_SECOND, 0);
	return 0;
}
