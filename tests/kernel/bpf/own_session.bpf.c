// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Sessions: one program at a function's entry and return; libbpf knows the section since 1.6. */
#include <stdbool.h>
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

extern bool bpf_session_is_return(void) __ksym;

static __always_inline void record_session(struct pt_regs *ctx)
{
	if (bpf_session_is_return())
		record(ctx, HIT_RETURN, PT_REGS_RC(ctx));
	else
		record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
}

SEC("uprobe.session/" TARGET_PATH ":many_*")
int session(struct pt_regs *ctx)
{
	record_session(ctx);
	return 0;
}

/* 1 at the entry: the return is not for this program. */
SEC("uprobe.session")
int session_entry_only(struct pt_regs *ctx)
{
	record_session(ctx);
	return 1;
}
