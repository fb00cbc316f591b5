// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A tail call two functions down, and a program that is only in the object with it. Never loaded. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} jumps SEC(".maps");

static __noinline int jump(void *ctx, __u32 index)
{
	bpf_tail_call(ctx, &jumps, index);
	return 0;
}

SEC("uprobe")
int caller(void *ctx)
{
	return jump(ctx, 1) ? 0 : 0;
}

SEC("uprobe")
int other(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("kprobe")
int kernel_caller(void *ctx)
{
	return jump(ctx, 0) ? 0 : 0;
}
