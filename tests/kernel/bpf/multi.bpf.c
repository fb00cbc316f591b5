// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Sections with patterns: one link over all the functions that match. libbpf 1.1 does not know them by
 * itself. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe.multi/" TARGET_PATH ":many_*")
int multi_star(struct pt_regs *ctx)
{
	record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uretprobe.multi/" TARGET_PATH ":many_?1")
int multi_question(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

SEC("uprobe.multi.s/" TARGET_PATH ":f_t?xt")
int multi_sleepy(struct pt_regs *ctx)
{
	record(ctx, HIT_SLEEPABLE, 0);
	return 0;
}

SEC("uretprobe.multi.s/" TARGET_PATH ":f_t*")
int multi_sleepy_return(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURNS_ONE, PT_REGS_RC(ctx));
	return 0;
}
