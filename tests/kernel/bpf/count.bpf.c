// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs without a place in their section: the scenarios say where to attach them. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe")
int entry(struct pt_regs *ctx)
{
	record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uprobe")
int second(struct pt_regs *ctx)
{
	record(ctx, HIT_SECOND, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uretprobe")
int leave(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

/* Reads the text that the traced function got: only a sleepable program may do it this way. */
SEC("uprobe.s")
int sleepy(struct pt_regs *ctx)
{
	char text[4] = {};

	if (bpf_copy_from_user(text, sizeof(text), (const void *)PT_REGS_PARM1(ctx)))
		return 0;
	record(ctx, HIT_SLEEPABLE, text[0] + text[1] + text[2] + text[3]);
	return 0;
}

/* A perf event takes the value as "record a sample"; a uprobe_multi link of old took it as "remove me". */
SEC("uprobe")
int returns_one(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURNS_ONE, PT_REGS_PARM1(ctx));
	return 1;
}

/* As in funclatency, which learns after the load whether it traces a kernel or a user function. */
SEC("kprobe/dummy_kprobe")
int from_kprobe(struct pt_regs *ctx)
{
	record(ctx, HIT_KPROBE_SECTION, PT_REGS_PARM1(ctx));
	return 0;
}
