// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A symbol with its version. libbpf 1.1 reads no further than the '@'; from 1.3 on it honours the version. */
#include "record.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe/" LIBTARGET_PATH ":lib_once@UPSHIFT_1")
int versioned(struct pt_regs *ctx)
{
	record(ctx, HIT_ENTRY, PT_REGS_PARM1(ctx));
	return 0;
}
