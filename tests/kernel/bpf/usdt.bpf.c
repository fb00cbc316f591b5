// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdbool.h>
#include "record.bpf.h"
#include USDT_BPF_H

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void record_usdt(struct pt_regs *ctx)
{
	long where = -1, value = 0;

	bpf_usdt_arg(ctx, 0, &where);
	bpf_usdt_arg(ctx, 1, &value);
	record_at(HIT_USDT, where, bpf_usdt_cookie(ctx), value);
}

SEC("usdt")
int usdt_bare(struct pt_regs *ctx)
{
	record_usdt(ctx);
	return 0;
}

SEC("usdt/" LIBTARGET_PATH ":upshift:many")
int usdt_section(struct pt_regs *ctx)
{
	record_usdt(ctx);
	return 0;
}
