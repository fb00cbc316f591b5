// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A program for each case that upshift inspect tells apart. Never loaded. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

volatile int number;

extern int some_kernel_function(void) __ksym;

struct some_struct {
	int some_member;
} __attribute__((preserve_access_index));

static __noinline int returns_a_number(void)
{
	return number;
}

static __noinline int overrides(void *ctx)
{
	return (int)bpf_override_return(ctx, 1);
}

static __noinline int calls_overrides(void *ctx)
{
	number++;
	return overrides(ctx) + number;
}

static long in_loop(__u32 index, void *ctx)
{
	return index + bpf_override_return(*(void **)ctx, 1);
}

SEC("uprobe")
int plain(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("uprobe/libc.so.6:malloc")
int returns_number(void *ctx)
{
	(void)ctx;
	return number;
}

SEC("uretprobe/libc.so.6:malloc")
int callee_returns_number(void *ctx)
{
	(void)ctx;
	number = returns_a_number();
	return 0;
}

SEC("uprobe")
int override_itself(void *ctx)
{
	bpf_override_return(ctx, 1);
	return 0;
}

SEC("uprobe")
int override_two_calls_down(void *ctx)
{
	number = calls_overrides(ctx);
	return 0;
}

SEC("uprobe")
int override_in_callback(void *ctx)
{
	bpf_loop(3, in_loop, &ctx, 0);
	return 0;
}

/* It may be bpf_throw(). */
SEC("uprobe")
int kernel_function(void *ctx)
{
	(void)ctx;
	some_kernel_function();
	return 0;
}

/* 0 in the object; CO-RE puts the running kernel's offset in its place. */
SEC("uprobe")
int relocated_constant(void *ctx)
{
	return __builtin_preserve_field_info(((struct some_struct *)ctx)->some_member, BPF_FIELD_BYTE_OFFSET);
}

SEC("?usdt.s/libc.so.6:libc:setjmp")
int not_loaded_by_itself(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("kprobe/dummy")
int kprobe_section(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("uprobe.single")
int single(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("uprobe/libc.so.6:malloc@GLIBC_2.2.5")
int versioned(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("uprobe.multi/libc.so.6:mall*")
int multi(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int tracepoint(void *ctx)
{
	(void)ctx;
	return 0;
}
