// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "insns.h"

#include "context_reads.h"
#include "insn_flow.h"

/*
 * The proof that a program returns 0 is an analysis with one bit for each register: "is zero on every path
 * that comes here". The bits only ever fall from 1 to 0.
 */
typedef uint16_t zero_mask;

static bool join(void *state, const void *path)
{
	zero_mask *known = state, before = *known;

	*known &= *(const zero_mask *)path;
	return *known != before;
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

static bool pass(const struct bpf_insn *insn, void *state, void *data)
{
	zero_mask *zero = state;

	(void)data;
	if (insn_is_exit(insn))
		return *zero & 1;
	*zero = after_insn(insn, *zero);
	return true;
}

static void branch(const struct bpf_insn *insn, bool taken, void *state)
{
	zero_mask *zero = state;

	if (insn->code == (BPF_JMP | BPF_K | (taken ? BPF_JEQ : BPF_JNE)) && insn->imm == 0)
		*zero |= (zero_mask)(1u << insn->dst_reg);
}

/** The exits of the main function only: what the program's own functions return does not matter. */
static bool returns_zero(const struct bpf_insn *insns, uint32_t cnt)
{
	static const struct insn_flow flow = { sizeof(zero_mask), join, pass, branch };
	const zero_mask start = 0;

	return insn_flow(&flow, insns, cnt, &start, NULL);
}

static void read_helper_call(struct insn_facts *facts, int helper)
{
	facts->overrides_return |= helper == BPF_FUNC_override_return;
	facts->tail_calls |= helper == BPF_FUNC_tail_call;
	facts->reads_stack |= helper == BPF_FUNC_get_stackid || helper == BPF_FUNC_get_stack ||
			      helper == BPF_FUNC_get_task_stack;
}

struct insn_facts insns_read(const struct bpf_insn *insns, uint32_t cnt)
{
	struct insn_facts facts = { 0 };
	bool calls_kernel_functions = false;

	for (uint32_t i = 0; i < cnt; i++) {
		if (insn_is_call(&insns[i]) && insns[i].src_reg == CALL_HELPER)
			read_helper_call(&facts, insns[i].imm);
		calls_kernel_functions |= insn_is_call(&insns[i]) && insns[i].src_reg == CALL_KFUNC;
		if (insn_is_wide(&insns[i]))
			i++; /* its second half is no instruction */
	}
	/* One of them may be bpf_throw(), which ends the program with any value from wherever it is called.
	 */
	facts.returns_zero = cnt && !calls_kernel_functions && returns_zero(insns, cnt);
	facts.context_reads = context_reads(insns, cnt);
	return facts;
}
