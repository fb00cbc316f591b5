// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Room for fewer sorts of locations than the probe has. */
#define BPF_USDT_MAX_SPEC_CNT 3
#include <stdbool.h>
#include "record.bpf.h"
#include <bpf/usdt.bpf.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("usdt")
int few(struct pt_regs *ctx)
{
	long where = -1;

	bpf_usdt_arg(ctx, 0, &where);
	record_at(HIT_USDT, where, 0, 0);
	return 0;
}
