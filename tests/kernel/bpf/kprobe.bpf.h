// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Shared by the BPF objects for functions of the kernel, which all processes call. */
#ifndef TESTS_KPROBE_BPF_H
#define TESTS_KPROBE_BPF_H

#include "kprobe.h"
#include "record.bpf.h"

__u32 traced[MAX_TRACED];

static __always_inline int is_traced(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	return tgid == traced[0] || tgid == traced[1];
}

/* Not record(): that looks at the instruction pointer, which is not the same on both paths. */
static __always_inline void record_call(struct pt_regs *ctx, __u32 kind, __u64 add)
{
	if (is_traced())
		record_at(kind, bpf_get_func_ip(ctx), bpf_get_attach_cookie(ctx), add);
}

/* The first argument of the system call: its function gets the caller's registers. */
static __always_inline __s64 argument(struct pt_regs *ctx)
{
	struct pt_regs *caller = (void *)PT_REGS_PARM1(ctx);
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), &PT_REGS_PARM1(caller));
	return (__s32)value;
}

#endif
