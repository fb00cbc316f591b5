// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What a program calls. */
#include "isolate.h"

#include "bpf.h"
#include "insns.h"

#define READ(...)                                            \
	insns_read((const struct bpf_insn[]){ __VA_ARGS__ }, \
		   sizeof((const struct bpf_insn[]){ __VA_ARGS__ }) / sizeof(struct bpf_insn))

#define LD_IMM64(dst, low, high) INSN(BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, low), INSN(0, 0, 0, 0, high)

static void nothing_special(void **state)
{
	struct insn_facts facts = READ(INSN_CALL(BPF_FUNC_get_current_pid_tgid), INSN_EXIT());

	(void)state;
	assert_false(facts.overrides_return || facts.tail_calls);
}

static void override_return_anywhere(void **state)
{
	(void)state;
	assert_true(READ(INSN_CALL(BPF_FUNC_override_return), INSN_EXIT()).overrides_return);
	/* in a function of its own, or where it is never reached */
	assert_true(READ(INSN_MOV64_IMM(0, 0), INSN_EXIT(), INSN_CALL(BPF_FUNC_override_return), INSN_EXIT())
			    .overrides_return);
	assert_false(READ(INSN_CALL(BPF_FUNC_override_return), INSN_EXIT()).tail_calls);
}

static void tail_calls_anywhere(void **state)
{
	(void)state;
	assert_true(READ(INSN_CALL(BPF_FUNC_tail_call), INSN_EXIT()).tail_calls);
	assert_true(READ(LD_IMM64(1, 0, 0), INSN_CALL(BPF_FUNC_tail_call), INSN_EXIT()).tail_calls);
	assert_false(READ(INSN_CALL(BPF_FUNC_tail_call), INSN_EXIT()).overrides_return);
}

static void calls_of_other_kinds_have_numbers_of_their_own(void **state)
{
	const struct bpf_insn function =
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, BPF_FUNC_override_return);
	const struct bpf_insn kfunc = INSN(BPF_JMP | BPF_CALL, 0, 2, 0, BPF_FUNC_tail_call);
	struct insn_facts facts = READ(function, kfunc, INSN_EXIT());

	(void)state;
	assert_false(facts.overrides_return || facts.tail_calls);
}

static void other_instructions_with_that_number_are_no_calls(void **state)
{
	struct insn_facts facts = READ(INSN_MOV64_IMM(1, BPF_FUNC_override_return),
				       INSN(BPF_JMP | BPF_JA, 0, 0, 0, BPF_FUNC_tail_call), INSN_EXIT());

	(void)state;
	assert_false(facts.overrides_return || facts.tail_calls);
}

/** The second half of a 64-bit immediate is data, even when it reads like a call. */
static void data_is_no_call(void **state)
{
	const struct bpf_insn data = INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_override_return);
	const struct bpf_insn half = INSN(BPF_LD | BPF_IMM | BPF_DW, 1, 0, 0, 0);

	(void)state;
	assert_false(READ(half, data, INSN_EXIT()).overrides_return);
	/* but what follows is one, whatever the halves look like */
	assert_true(READ(half, half, INSN_CALL(BPF_FUNC_override_return), INSN_EXIT()).overrides_return);
}

static void programs_that_end_early(void **state)
{
	(void)state;
	assert_false(insns_read(NULL, 0).returns_zero);
	assert_false(READ(INSN(BPF_LD | BPF_IMM | BPF_DW, 1, 0, 0, 0)).overrides_return);
	assert_true(READ(INSN_CALL(BPF_FUNC_override_return)).overrides_return);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_special),
		cmocka_unit_test(override_return_anywhere),
		cmocka_unit_test(tail_calls_anywhere),
		cmocka_unit_test(calls_of_other_kinds_have_numbers_of_their_own),
		cmocka_unit_test(other_instructions_with_that_number_are_no_calls),
		cmocka_unit_test(data_is_no_call),
		cmocka_unit_test(programs_that_end_early),
	};

	return RUN_ISOLATED("insns", tests);
}
