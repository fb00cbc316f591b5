// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "insns.h"

#include <stdlib.h>

/* Older than Debian 12's headers everywhere, but named differently or only in newer ones. */
enum {
	CALL_HELPER = 0,
	CALL_KFUNC = 2,
	JUMP_LONG = 0x06, /* BPF_JMP32 | BPF_JA: a jump by imm, Linux 6.6 */
};

/*
 * The proof that a program returns 0 is a forward analysis with one bit for each register: "is zero on
 * every path that comes here". The bits only ever fall from 1 to 0, so it ends.
 */
typedef uint16_t zero_mask;

enum { UNREACHED = 0x8000 }; /* no register's bit */

struct analysis {
	const struct bpf_insn *insns;
	uint32_t cnt;
	zero_mask *state; /* before each instruction */
	uint32_t *todo;   /* instructions to look at again, each at most once */
	uint32_t todo_cnt;
	bool *queued;
	bool returns_zero;
};

static bool is_jump(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP || BPF_CLASS(insn->code) == BPF_JMP32;
}

static bool is_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL);
}

/** State reaches an instruction: keep what holds on this path and on those seen before. */
static void flow_to(struct analysis *a, int64_t index, zero_mask state)
{
	zero_mask merged;

	if (index < 0 || index >= a->cnt) {
		a->returns_zero = false;
		return;
	}
	merged = a->state[index] == UNREACHED ? state : a->state[index] & state;
	if (merged == a->state[index])
		return;
	a->state[index] = merged;
	if (!a->queued[index]) {
		a->queued[index] = true;
		a->todo[a->todo_cnt++] = (uint32_t)index;
	}
}

static zero_mask after_alu(const struct bpf_insn *insn, zero_mask state)
{
	const zero_mask dst = (zero_mask)(1u << insn->dst_reg), src = (zero_mask)(1u << insn->src_reg);
	const bool by_register = BPF_SRC(insn->code) == BPF_X;
	bool zero = false;

	switch (BPF_OP(insn->code)) {
	case BPF_MOV:
		zero = insn->off == 0 && (by_register ? state & src : insn->imm == 0);
		break;
	case BPF_XOR:
	case BPF_SUB:
		zero = by_register && insn->dst_reg == insn->src_reg;
		break;
	case BPF_AND:
		zero = (state & dst) || (by_register ? state & src : insn->imm == 0);
		break;
	case BPF_LSH:
	case BPF_RSH:
	case BPF_ARSH:
	case BPF_MUL:
		zero = state & dst;
		break;
	}
	return zero ? state | dst : state & (zero_mask)~dst;
}

static zero_mask after_insn(const struct bpf_insn *insn, zero_mask state)
{
	const zero_mask dst = (zero_mask)(1u << insn->dst_reg), src = (zero_mask)(1u << insn->src_reg);

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return after_alu(insn, state);
	case BPF_LDX:
		return state & (zero_mask)~dst;
	case BPF_LD: /* a 64-bit immediate, or a load from a packet into register 0 */
		return state & (zero_mask) ~(dst | 1u);
	case BPF_STX: /* atomics may write register 0, the source, or when they load, the destination */
		return BPF_MODE(insn->code) == BPF_ATOMIC ? state & (zero_mask) ~(src | dst | 1u) : state;
	case BPF_JMP:
		return state & (zero_mask)~0x3fu; /* a call: the scratch registers and the result */
	}
	return state;
}

static void flow_from_jump(struct analysis *a, uint32_t index, zero_mask state)
{
	const struct bpf_insn *insn = &a->insns[index];
	const zero_mask dst = (zero_mask)(1u << insn->dst_reg);
	const bool with_zero =
		BPF_SRC(insn->code) == BPF_K && insn->imm == 0 && BPF_CLASS(insn->code) == BPF_JMP;
	const int64_t taken = (int64_t)index + 1 + insn->off;

	if (insn->code == (BPF_JMP | BPF_JA)) {
		flow_to(a, taken, state);
	} else if (insn->code == JUMP_LONG) {
		flow_to(a, (int64_t)index + 1 + insn->imm, state);
	} else if (BPF_OP(insn->code) == BPF_JA) {
		a->returns_zero = false; /* to an address in a register, Linux 6.19 */
	} else {
		flow_to(a, taken, with_zero && BPF_OP(insn->code) == BPF_JEQ ? state | dst : state);
		flow_to(a, (int64_t)index + 1,
			with_zero && BPF_OP(insn->code) == BPF_JNE ? state | dst : state);
	}
}

static void flow_from(struct analysis *a, uint32_t index)
{
	const struct bpf_insn *insn = &a->insns[index];
	const zero_mask state = a->state[index];

	if (insn->dst_reg >= MAX_BPF_REG || insn->src_reg >= MAX_BPF_REG)
		a->returns_zero = false; /* the kernel will refuse it, and UNREACHED is one of them */
	else if (insn->code == (BPF_JMP | BPF_EXIT))
		a->returns_zero = a->returns_zero && (state & 1);
	else if (is_jump(insn) && BPF_OP(insn->code) != BPF_CALL)
		flow_from_jump(a, index, state);
	else
		flow_to(a, (int64_t)index + (insn->code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1),
			after_insn(insn, state));
}

/** The exits of the main function only: calls of the program's own functions are stepped over. */
static bool returns_zero(const struct bpf_insn *insns, uint32_t cnt)
{
	struct analysis a = {
		.insns = insns,
		.cnt = cnt,
		.state = malloc(cnt * sizeof(*a.state)),
		.todo = malloc(cnt * sizeof(*a.todo)),
		.queued = calloc(cnt, sizeof(*a.queued)),
		.returns_zero = true,
	};

	if (!a.state || !a.todo || !a.queued) {
		a.returns_zero = false;
	} else {
		for (uint32_t i = 0; i < cnt; i++)
			a.state[i] = UNREACHED;
		flow_to(&a, 0, 0);
		while (a.todo_cnt && a.returns_zero) {
			uint32_t index = a.todo[--a.todo_cnt];

			a.queued[index] = false;
			flow_from(&a, index);
		}
	}
	free(a.state);
	free(a.todo);
	free(a.queued);
	return a.returns_zero;
}

struct insn_facts insns_read(const struct bpf_insn *insns, uint32_t cnt)
{
	struct insn_facts facts = { 0 };
	bool calls_kernel_functions = false;

	for (uint32_t i = 0; i < cnt; i++) {
		if (is_call(&insns[i]) && insns[i].src_reg == CALL_HELPER) {
			facts.overrides_return |= insns[i].imm == BPF_FUNC_override_return;
			facts.tail_calls |= insns[i].imm == BPF_FUNC_tail_call;
		}
		calls_kernel_functions |= is_call(&insns[i]) && insns[i].src_reg == CALL_KFUNC;
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW))
			i++; /* its second half is no instruction */
	}
	/* One of them may be bpf_throw(), which ends the program with any value from wherever it is called.
	 */
	facts.returns_zero = cnt && !calls_kernel_functions && returns_zero(insns, cnt);
	return facts;
}
