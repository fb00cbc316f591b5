/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Follows the main function of a program along every path, for analyses of what holds before each
 * instruction. Pure but for what an analysis does in its own functions.
 */
#ifndef UPSHIFT_INSN_FLOW_H
#define UPSHIFT_INSN_FLOW_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* src_reg of a call. The newest is not in Debian 12's headers everywhere. */
enum { CALL_HELPER = 0, CALL_FUNCTION = 1, CALL_KFUNC = 2 };

static inline bool insn_is_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL);
}

static inline bool insn_is_exit(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_EXIT);
}

/** It and the next are one: the other half of a 64-bit immediate. */
static inline bool insn_is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/** An analysis. Its states are plain bytes; they may only ever change in one direction, so that it ends. */
struct insn_flow {
	size_t state_size;
	/** One more path comes here: keeps in state what holds on that one too. Has state changed? */
	bool (*join)(void *state, const void *path);
	/** Makes of the state before an instruction that is no jump (but it may be a call or an exit) the
	 * one after it. False ends the analysis. */
	bool (*pass)(const struct bpf_insn *insn, void *state, void *data);
	/** What a conditional jump that was, or was not, taken says beyond that. NULL: nothing. */
	void (*branch)(const struct bpf_insn *insn, bool taken, void *state);
};

/**
 * From instruction 0 with the state start; data is for pass(). Calls of the program's own functions are
 * stepped over. False: an instruction was refused by pass() or cannot be followed (a jump out of the program
 * or to an address in a register, a register that does not exist), or ENOMEM.
 */
bool insn_flow(const struct insn_flow *flow, const struct bpf_insn *insns, uint32_t cnt, const void *start,
	       void *data);

#endif
