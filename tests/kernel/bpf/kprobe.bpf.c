// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs without a place in their section: the scenarios say where to attach them. */
#include <linux/errno.h>
#include "kprobe.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("kprobe")
int entry(struct pt_regs *ctx)
{
	record_call(ctx, HIT_ENTRY, argument(ctx));
	return 0;
}

SEC("kprobe")
int second(struct pt_regs *ctx)
{
	record_call(ctx, HIT_SECOND, argument(ctx));
	return 0;
}

SEC("kretprobe")
int leave(struct pt_regs *ctx)
{
	record_call(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

SEC("kprobe")
int returns_one(struct pt_regs *ctx)
{
	record_call(ctx, HIT_RETURNS_ONE, argument(ctx));
	return 1;
}

/* The same for any function: it looks at no argument. */
SEC("kprobe")
int anywhere(struct pt_regs *ctx)
{
	record_call(ctx, HIT_ENTRY, 0);
	return 0;
}

#ifdef __TARGET_ARCH_x86
#define SIXTH_ARGUMENT(ctx) ((ctx)->r9)
#else
#define SIXTH_ARGUMENT(ctx) (((const struct user_pt_regs *)(ctx))->regs[5])
#endif

__u64 arguments[6];

/* Of the calls with a file descriptor that nobody has: the C library makes others. */
SEC("kprobe")
int take_arguments(struct pt_regs *ctx)
{
	if (!is_traced() || PT_REGS_PARM5(ctx) != (__u64)-3)
		return 0;
	arguments[0] = PT_REGS_PARM1(ctx);
	arguments[1] = PT_REGS_PARM2(ctx);
	arguments[2] = PT_REGS_PARM3(ctx);
	arguments[3] = PT_REGS_PARM4(ctx);
	arguments[4] = PT_REGS_PARM5(ctx);
	arguments[5] = SIXTH_ARGUMENT(ctx);
	record_call(ctx, HIT_ENTRY, 0);
	return 0;
}

SEC("kretprobe")
int take_failure(struct pt_regs *ctx)
{
	if (PT_REGS_RC(ctx) == (__u64)-EBADF)
		record_call(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

/* An argument's register, when the function returns. */
#ifdef __TARGET_ARCH_x86
#define FOURTH(ctx) ((ctx)->rcx)
#else
#define FOURTH(ctx) (((const struct user_pt_regs *)(ctx))->regs[3])
#endif

__u64 seen;

SEC("kretprobe")
int return_reads_fourth(struct pt_regs *ctx)
{
	seen = FOURTH(ctx);
	record_call(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

/* Runs into a function of the kernel that may be traced, too: the update of a map. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} written SEC(".maps");

SEC("kprobe")
int writes(struct pt_regs *ctx)
{
	__u32 key = 1;

	if (!is_traced())
		return 0;
	bpf_map_update_elem(&written, &key, &key, BPF_ANY);
	record_call(ctx, HIT_RETURNS_ONE, 0);
	return 0;
}
