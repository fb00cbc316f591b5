// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Counts in memory that the tool has mapped: it can read that without asking the kernel for anything. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 count, sum; /* of first arguments */

SEC("uprobe")
int tally(struct pt_regs *ctx)
{
	__sync_fetch_and_add(&count, 1);
	__sync_fetch_and_add(&sum, PT_REGS_PARM1(ctx));
	return 0;
}
