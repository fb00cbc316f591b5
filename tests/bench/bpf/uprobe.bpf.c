// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "tally.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe")
int entry(struct pt_regs *ctx)
{
	count(bpf_get_attach_cookie(ctx));
	return 0;
}

SEC("uretprobe")
int leave(struct pt_regs *ctx)
{
	count(bpf_get_attach_cookie(ctx));
	return 0;
}
