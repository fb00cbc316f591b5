// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Sections that ask for the perf path by name. No libbpf knows them by itself. */
#include "kprobe.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("kprobe.single/" F_MAX)
int single_entry(struct pt_regs *ctx)
{
	record_call(ctx, HIT_ENTRY, argument(ctx));
	return 0;
}

SEC("kretprobe.single/" F_MIN)
int single_return(struct pt_regs *ctx)
{
	record_call(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

SEC("kprobe.single")
int single_bare(struct pt_regs *ctx)
{
	record_call(ctx, HIT_SECOND, argument(ctx));
	return 0;
}
