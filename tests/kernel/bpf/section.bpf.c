// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs that say in their section where they go: a skeleton attaches them all. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe/" TARGET_PATH ":f0")
int section_entry(struct pt_regs *ctx)
{
	record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uprobe/" TARGET_PATH ":f_steps+4")
int section_offset(struct pt_regs *ctx)
{
	record(ctx, HIT_SECOND, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uretprobe/" TARGET_PATH ":f1")
int section_return(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

SEC("uprobe.s/" TARGET_PATH ":f_text")
int section_sleepy(struct pt_regs *ctx)
{
	record(ctx, HIT_SLEEPABLE, 0);
	return 0;
}

/* Without a place: a skeleton leaves it alone. */
SEC("uprobe")
int section_bare(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURNS_ONE, 0);
	return 0;
}
