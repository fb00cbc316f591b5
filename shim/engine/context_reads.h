/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Which parts of its context, a struct pt_regs, a KPROBE program may read. Pure functions.
 *
 * From Linux 6.14 on x86-64 a kprobe_multi program does not find all registers there, as a kprobe's does:
 * "fprobe: Rewrite fprobe on function-graph tracer" has them from ftrace's smaller set, and the others are 0.
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
 * Are these all parts that a kprobe_multi link provides, at a function's entry or at its return? On x86-64
 * these are ax, cx, dx, si, di, r8, r9, bp, sp and ip at entry, ax, dx, bp and sp at return; on other
 * machines none is taken for granted.
 */
bool context_reads_only(uint32_t reads, bool retprobe);

#endif
