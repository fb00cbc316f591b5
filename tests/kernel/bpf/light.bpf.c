// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For a light skeleton: a BPF program loads these, and no call of the tool is to be seen. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe")
int light_entry(struct pt_regs *ctx)
{
	record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uretprobe")
int light_return(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}
