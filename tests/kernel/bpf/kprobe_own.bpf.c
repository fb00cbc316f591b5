// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A tool that makes kprobe_multi links itself: one link over all the functions that match. */
#include "kprobe.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("kprobe.multi/" SYSCALL_FUNCTION("sched_get_priority_m*"))
int own_entry(struct pt_regs *ctx)
{
	record_call(ctx, HIT_ENTRY, argument(ctx));
	return 0;
}

SEC("kretprobe.multi/" SYSCALL_FUNCTION("sched_get_priority_m?n"))
int own_return(struct pt_regs *ctx)
{
	record_call(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}
