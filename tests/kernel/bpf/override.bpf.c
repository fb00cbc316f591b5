// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Calls bpf_override_return(), which the kernel allows on kprobes of some kernel functions only. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe")
int override(struct pt_regs *ctx)
{
	record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
	bpf_override_return(ctx, 1);
	return 0;
}
