/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Which parts of its context, a struct pt_regs, a KPROBE program may read. Pure functions.
 */
#ifndef UPSHIFT_CONTEXT_READS_H
#define UPSHIFT_CONTEXT_READS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#define CONTEXT_READS_ALL UINT32_MAX

/**
 * Bit n: the program may read one of the n-th 8 bytes. CONTEXT_READS_ALL where its context cannot be
 * followed, and on ENOMEM. What bpf_get_stack(), bpf_get_stackid() and bpf_override_return() do with it is
 * not counted.
 */
uint32_t context_reads(const struct bpf_insn *insns, uint32_t cnt);

/**
 * Would a program find the same in all these parts on a kprobe_multi link as on a perf kprobe? On x86-64 in
 * ax, cx, dx, si, di, r8, r9, bp and sp at a function's entry, and in ax, dx, bp and sp at its return; in the
 * others 7.2 leaves what was on the stack before, and ip is a few bytes further on. On other machines nothing
 * is taken for granted.
 */
bool context_reads_same(uint32_t reads, bool retprobe);

#endif
