// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Sections that ask for the perf path by name. libbpf 1.1 does not know them by itself. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe.single/" TARGET_PATH ":f0")
int single_entry(struct pt_regs *ctx)
{
	record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uretprobe.single/" TARGET_PATH ":f1")
int single_return(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

SEC("uprobe.single.s/" TARGET_PATH ":f_text")
int single_sleepy(struct pt_regs *ctx)
{
	record(ctx, HIT_SLEEPABLE, 0);
	return 0;
}

SEC("uretprobe.single.s/" TARGET_PATH ":f_text")
int single_sleepy_return(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURNS_ONE, PT_REGS_RC(ctx));
	return 0;
}

SEC("uprobe.single")
int single_bare(struct pt_regs *ctx)
{
	record(ctx, HIT_SECOND, PT_REGS_PARM1(ctx));
	return 0;
}
