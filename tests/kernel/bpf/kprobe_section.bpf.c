// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs that say in their section where they go: a skeleton attaches them all. */
#include "kprobe.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("kprobe/" F_MAX)
int section_entry(struct pt_regs *ctx)
{
	record_call(ctx, HIT_ENTRY, argument(ctx));
	return 0;
}

SEC("kretprobe/" F_MIN)
int section_return(struct pt_regs *ctx)
{
	record_call(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

/* By the system call's name: libbpf makes the function's of it. */
SEC("ksyscall/getpgid")
int section_syscall(struct pt_regs *ctx)
{
	record_call(ctx, HIT_SECOND, argument(ctx));
	return 0;
}

SEC("kretsyscall/getsid")
int section_syscall_return(struct pt_regs *ctx)
{
	record_call(ctx, HIT_RETURNS_ONE, PT_REGS_RC(ctx));
	return 0;
}

/* Without a place: a skeleton leaves it alone. */
SEC("kprobe")
int section_bare(struct pt_regs *ctx)
{
	record_call(ctx, HIT_SLEEPABLE, 0);
	return 0;
}
