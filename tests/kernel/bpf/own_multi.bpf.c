// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs for multi links that the tool makes by itself; libbpf knows their sections since 1.3. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe.multi")
int own_entry(struct pt_regs *ctx)
{
	record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
	return 0;
}

SEC("uretprobe.multi")
int own_return(struct pt_regs *ctx)
{
	record(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	return 0;
}

/* Not for multi links, as far as the tool knows. */
SEC("uprobe")
int plain(struct pt_regs *ctx)
{
	record(ctx, HIT_SECOND, PT_REGS_PARM1(ctx));
	return 0;
}
