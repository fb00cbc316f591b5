// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "context_reads.h"

#include "insn_flow.h"

/*
 * What may be where: bits that only ever rise, and bounds that only ever fall. The pointer to the context is
 * followed through registers and through spills to the stack; whatever else is done with it ends the
 * analysis.
 *
 * The memory of a spill can be reached by pointers to the stack too. They are followed in registers; those
 * that get into memory, or into another function, are only noted, and then no context may ever have been
 * spilled.
 */
enum { FRAME = 10, REG_CNT = 11, STACK_SIZE = 512, SLOT_SIZE = 8 };

struct value {
	bool context; /* may be the pointer to the context */
	bool stack;   /* may be a pointer to the stack ... */
	int16_t low;  /* ... no lower than so many bytes from the frame pointer; 0 for another value */
};

struct state {
	uint64_t slots; /* 8 bytes of stack that may hold the pointer to the context, from the lowest up */
	struct value regs[REG_CNT];
};

struct findings {
	uint32_t reads;
	bool context_spilled;
	bool stack_escapes; /* a pointer to the stack may be in memory, or in another function */
};

static const struct value unrelated;

static bool join(void *state, const void *path)
{
	struct state *known = state;
	const struct state *other = path;
	bool changed = other->slots & ~known->slots;

	known->slots |= other->slots;
	for (int i = 0; i < REG_CNT; i++) {
		struct value *value = &known->regs[i];
		const struct value *more = &other->regs[i];

		changed |= (more->context && !value->context) || (more->stack && !value->stack) ||
			   more->low < value->low;
		/* A loop would move it down byte by byte. */
		if (more->low < value->low)
			value->low = value->stack ? -STACK_SIZE : more->low;
		value->context |= more->context;
		value->stack |= more->stack;
	}
	return changed;
}

static int16_t stack_offset(int64_t offset)
{
	if (offset < -STACK_SIZE)
		return -STACK_SIZE;
	return (int16_t)(offset > 0 ? 0 : offset);
}

/** Of all slots that end above an offset. */
static uint64_t slots_from(int64_t offset)
{
	const int low = stack_offset(offset);

	return low < 0 ? UINT64_MAX << ((low + STACK_SIZE) / SLOT_SIZE) : 0;
}

static int access_size(const struct bpf_insn *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	default:
		return 8;
	}
}

/** The slot that a load or store by the frame pointer is exactly for, or 0. */
static uint64_t exact_slot(const struct bpf_insn *insn, int base)
{
	if (base != FRAME || access_size(insn) != SLOT_SIZE || insn->off % SLOT_SIZE || insn->off >= 0 ||
	    insn->off < -STACK_SIZE)
		return 0;
	return 1ull << ((insn->off + STACK_SIZE) / SLOT_SIZE);
}

/** All that a load by a pointer to the stack may read of; only the frame pointer is known exactly. */
static uint64_t slots_read(const struct bpf_insn *insn, struct value base)
{
	const uint64_t slots = slots_from(base.low + insn->off);
	const int end = insn->off + access_size(insn) + SLOT_SIZE - 1;

	return insn->src_reg == FRAME ? slots & ~slots_from(end) : slots;
}

static bool after_alu(const struct bpf_insn *insn, struct state *state)
{
	struct value *dst = &state->regs[insn->dst_reg];
	const struct value src = BPF_SRC(insn->code) == BPF_X ? state->regs[insn->src_reg] : unrelated;
	const bool is_mov = BPF_OP(insn->code) == BPF_MOV;
	const struct value before = is_mov ? unrelated : *dst;

	if (insn->code == (BPF_ALU64 | BPF_MOV | BPF_X) && insn->off == 0) {
		*dst = src;
		return true;
	}
	*dst = unrelated;
	if (before.stack || src.stack) {
		dst->stack = true;
		dst->low = insn->code == (BPF_ALU64 | BPF_ADD | BPF_K) ?
				   stack_offset((int64_t)before.low + insn->imm) :
				   -STACK_SIZE;
	}
	return !before.context && !src.context;
}

static bool load_from_context(const struct bpf_insn *insn, struct findings *findings)
{
	const int end = insn->off + access_size(insn);

	if (insn->off < 0 || end > 32 * 8)
		return false;
	for (int offset = insn->off; offset < end; offset++)
		findings->reads |= 1u << (offset / 8);
	return true;
}

static bool after_load(const struct bpf_insn *insn, struct state *state, struct findings *findings)
{
	const struct value base = state->regs[insn->src_reg];
	const uint64_t slot = exact_slot(insn, insn->src_reg);

	state->regs[insn->dst_reg] = (struct value){ .context = slot & state->slots };
	if (base.context && !load_from_context(insn, findings))
		return false;
	/* Else it might be half of the pointer. */
	return !base.stack || slot || !(state->slots & slots_read(insn, base));
}

static bool after_store(const struct bpf_insn *insn, struct state *state, struct findings *findings)
{
	const struct value value = BPF_CLASS(insn->code) == BPF_STX ? state->regs[insn->src_reg] : unrelated;
	const uint64_t slot = exact_slot(insn, insn->dst_reg);

	findings->stack_escapes |= value.stack;
	findings->context_spilled |= value.context;
	state->slots = value.context ? state->slots | slot : state->slots & ~slot;
	return !state->regs[insn->dst_reg].context && (!value.context || slot);
}

/** It may read and write the memory, both registers and register 0. */
static bool after_atomic(const struct bpf_insn *insn, struct state *state, struct findings *findings)
{
	const struct value dst = state->regs[insn->dst_reg], src = state->regs[insn->src_reg];

	findings->stack_escapes |= src.stack;
	return !dst.context && !src.context && !state->regs[0].context && !(state->slots && dst.stack);
}

/** Compilers leave the context in register 1 for these, because nobody looks there. */
static bool takes_no_argument(int helper)
{
	switch (helper) {
	case BPF_FUNC_ktime_get_ns:
	case BPF_FUNC_get_prandom_u32:
	case BPF_FUNC_get_smp_processor_id:
	case BPF_FUNC_get_current_pid_tgid:
	case BPF_FUNC_get_current_uid_gid:
	case BPF_FUNC_get_current_task:
	case BPF_FUNC_get_numa_node_id:
	case BPF_FUNC_get_current_cgroup_id:
	case BPF_FUNC_jiffies64:
	case BPF_FUNC_ktime_get_boot_ns:
	case BPF_FUNC_get_current_task_btf:
	case BPF_FUNC_ktime_get_coarse_ns:
	case BPF_FUNC_ktime_get_tai_ns:
		return true;
	}
	return false;
}

/**
 * As the first argument. These are all that KPROBE programs have (kprobe_prog_func_proto() in
 * kernel/trace/bpf_trace.c). What perf_event_output takes from the registers are samples that nobody asks
 * for in a map of perf events.
 */
static bool takes_context(int helper)
{
	switch (helper) {
	case BPF_FUNC_tail_call:
	case BPF_FUNC_perf_event_output:
	case BPF_FUNC_get_stackid:
	case BPF_FUNC_override_return:
	case BPF_FUNC_get_stack:
	case BPF_FUNC_get_func_ip:
	case BPF_FUNC_get_attach_cookie:
		return true;
	}
	return false;
}

/** Helpers may read memory at any argument, upwards; other functions in any way. */
static bool after_call(const struct bpf_insn *insn, struct state *state, struct findings *findings)
{
	const bool helper = insn->src_reg == CALL_HELPER;
	bool followed = insn->src_reg <= CALL_KFUNC;

	for (int i = 1; i <= 5 && !(helper && takes_no_argument(insn->imm)); i++) {
		const struct value *argument = &state->regs[i];

		if (argument->context && !(helper && i == 1 && takes_context(insn->imm)))
			followed = false;
		if (argument->stack && helper && state->slots & slots_from(argument->low))
			followed = false;
		findings->stack_escapes |= argument->stack && !helper;
	}
	for (int i = 0; i <= 5; i++)
		state->regs[i] = unrelated;
	return followed;
}

static bool pass(const struct bpf_insn *insn, void *all, void *data)
{
	struct findings *findings = data;
	struct state *state = all;

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return after_alu(insn, state);
	case BPF_LD:
		state->regs[insn->dst_reg] = unrelated;
		/* A function for a helper to call, with a pointer to the stack more often than not. */
		findings->stack_escapes |= insn->src_reg == BPF_PSEUDO_FUNC;
		return insn_is_wide(insn);
	case BPF_LDX:
		return after_load(insn, state, findings);
	case BPF_STX:
		if (BPF_MODE(insn->code) == BPF_ATOMIC)
			return after_atomic(insn, state, findings);
		return after_store(insn, state, findings);
	case BPF_ST:
		return after_store(insn, state, findings);
	}
	return insn_is_exit(insn) || (insn_is_call(insn) && after_call(insn, state, findings));
}

uint32_t context_reads(const struct bpf_insn *insns, uint32_t cnt)
{
	static const struct insn_flow flow = { sizeof(struct state), join, pass, NULL };
	static const struct state start = {
		.regs = { [1] = { .context = true }, [FRAME] = { .stack = true } }
	};
	struct findings findings = { 0 };

	if (!insn_flow(&flow, insns, cnt, &start, &findings) ||
	    (findings.context_spilled && findings.stack_escapes))
		return CONTEXT_READS_ALL;
	return findings.reads;
}

#ifdef __x86_64__
/* The places in struct pt_regs. */
enum { BP = 4, R9 = 8, R8 = 9, AX = 10, CX = 11, DX = 12, SI = 13, DI = 14, SP = 19 };

static const uint32_t at_return = 1u << AX | 1u << DX | 1u << BP | 1u << SP;
static const uint32_t at_entry =
	1u << AX | 1u << DX | 1u << BP | 1u << SP | 1u << CX | 1u << SI | 1u << DI | 1u << R8 | 1u << R9;
#else
static const uint32_t at_return = 0, at_entry = 0;
#endif

bool context_reads_same(uint32_t reads, bool retprobe)
{
	return !(reads & ~(retprobe ? at_return : at_entry));
}
