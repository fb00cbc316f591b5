// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The second program cannot attach, so the skeleton's attach fails half-way. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe/" TARGET_PATH ":f0")
int present(struct pt_regs *ctx)
{
	record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uprobe/" TARGET_PATH ":no_such_function")
int missing(struct pt_regs *ctx)
{
	record(ctx, HIT_SECOND, PT_REGS_PARM1(ctx));
	return 0;
}
