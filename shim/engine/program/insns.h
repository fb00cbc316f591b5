/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What can be read from a program's instructions before the kernel has seen them. Pure functions.
 */
#ifndef UPSHIFT_INSNS_H
#define UPSHIFT_INSNS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

struct insn_facts {
	bool overrides_return;  /* calls bpf_override_return() somewhere */
	bool tail_calls;        /* calls bpf_tail_call() somewhere */
	bool returns_zero;      /* every exit of the main function provably returns 0 */
	bool reads_stack;       /* calls bpf_get_stack() or its like somewhere */
	uint32_t context_reads; /* what it may read of its context: see context_reads.h */
};

/** Reads cnt instructions. Whatever cannot be followed counts as not proven, and as reading all of the
 * context. Allocates; on ENOMEM nothing is proven. */
struct insn_facts insns_read(const struct bpf_insn *insns, uint32_t cnt);

#endif
