// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs that need more than a kprobe_multi link has: registers of any sort, stacks of the kernel. */
#include "kprobe.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#ifdef __TARGET_ARCH_x86
#define KEPT(ctx)    ((ctx)->r12)
#define SCRATCH(ctx) ((ctx)->r10)
#define FLAGS(ctx)   ((ctx)->eflags)
#else
#define REGISTERS(ctx) ((const struct user_pt_regs *)(ctx))
#define KEPT(ctx)      (REGISTERS(ctx)->regs[20])
#define SCRATCH(ctx)   (REGISTERS(ctx)->regs[10])
#define FLAGS(ctx)     (REGISTERS(ctx)->pstate)
#endif

__u64 seen;

SEC("kprobe")
int reads_kept(struct pt_regs *ctx)
{
	seen = KEPT(ctx);
	record_call(ctx, HIT_ENTRY, argument(ctx));
	return 0;
}

SEC("kprobe")
int reads_scratch(struct pt_regs *ctx)
{
	seen = SCRATCH(ctx);
	record_call(ctx, HIT_ENTRY, argument(ctx));
	return 0;
}

SEC("kprobe")
int reads_flags(struct pt_regs *ctx)
{
	seen = FLAGS(ctx);
	record_call(ctx, HIT_ENTRY, argument(ctx));
	return 0;
}

/* On a perf event it is where the breakpoint is, on a link somewhat farther. */
SEC("kprobe")
int reads_ip(struct pt_regs *ctx)
{
	seen = PT_REGS_IP(ctx);
	record_call(ctx, HIT_ENTRY, argument(ctx));
	return 0;
}

/* Needs nothing itself, but it is at a return in a process with programs that read stacks. */
SEC("kretprobe")
int leave(struct pt_regs *ctx)
{
	record_call(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

static __attribute__((noinline)) __u64 look(struct pt_regs *ctx)
{
	return PT_REGS_PARM2(ctx);
}

/* The context goes into a function of the program's own. */
SEC("kprobe")
int hands_over(struct pt_regs *ctx)
{
	seen = look(ctx);
	record_call(ctx, HIT_ENTRY, argument(ctx));
	return 0;
}

/* The kernel's part of the stack; its length is the same on both paths, its first address is not. */
#define DEPTH 32
__u64 stack[DEPTH];

SEC("kprobe")
int takes_stack(struct pt_regs *ctx)
{
	record_call(ctx, HIT_ENTRY, bpf_get_stack(ctx, stack, sizeof(stack), 0) > 0);
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, DEPTH * sizeof(__u64));
} stacks SEC(".maps");

SEC("kretprobe")
int takes_stack_id(struct pt_regs *ctx)
{
	record_call(ctx, HIT_RETURN, bpf_get_stackid(ctx, &stacks, BPF_F_REUSE_STACKID) >= 0);
	return 0;
}

/* The user's part is the same on both. */
SEC("kprobe")
int takes_user_stack(struct pt_regs *ctx)
{
	record_call(ctx, HIT_ENTRY, bpf_get_stack(ctx, stack, sizeof(stack), BPF_F_USER_STACK) > 0);
	return 0;
}
