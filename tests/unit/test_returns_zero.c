// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* R4: programs that provably return 0, and those of which it cannot be said. */
#include "isolate.h"

#include <stdbool.h>

#include "bpf.h"
#include "insns.h"

#define RETURNS_ZERO(...)                                                                       \
	(insns_read((const struct bpf_insn[]){ __VA_ARGS__ },                                   \
		    sizeof((const struct bpf_insn[]){ __VA_ARGS__ }) / sizeof(struct bpf_insn)) \
		 .returns_zero)

#define PROVEN(...)     assert_true(RETURNS_ZERO(__VA_ARGS__))
#define NOT_PROVEN(...) assert_false(RETURNS_ZERO(__VA_ARGS__))

#define MOV_IMM(dst, imm)              INSN_MOV64_IMM(dst, imm)
#define MOV_IMM32(dst, imm)            INSN(BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define MOV(dst, src)                  INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define ALU(op, dst, src)              INSN(BPF_ALU64 | (op) | BPF_X, dst, src, 0, 0)
#define ALU_IMM(op, dst, imm)          INSN(BPF_ALU64 | (op) | BPF_K, dst, 0, 0, imm)
#define JUMP(off)                      INSN(BPF_JMP | BPF_JA, 0, 0, off, 0)
#define JUMP_LONG(imm)                 INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, imm)
#define JUMP_IF(op, dst, imm, off)     INSN(BPF_JMP | (op) | BPF_K, dst, 0, off, imm)
#define JUMP_IF32(op, dst, imm, off)   INSN(BPF_JMP32 | (op) | BPF_K, dst, 0, off, imm)
#define JUMP_IF_REG(op, dst, src, off) INSN(BPF_JMP | (op) | BPF_X, dst, src, off, 0)
#define LOAD(dst, src)                 INSN(BPF_LDX | BPF_MEM | BPF_DW, dst, src, 0, 0)
#define LD_IMM64(dst, low)             INSN(BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, low), INSN(0, 0, 0, 0, 0)
#define STORE(dst, src)                INSN(BPF_STX | BPF_MEM | BPF_DW, dst, src, -8, 0)
#define ATOMIC(dst, src, op)           INSN(BPF_STX | BPF_ATOMIC | BPF_DW, dst, src, -8, op)
#define CALL_FUNCTION(imm)             INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, imm)
#define CALL_KFUNC()                   INSN(BPF_JMP | BPF_CALL, 0, 2, 0, 1)
#define HELPER()                       INSN_CALL(BPF_FUNC_ktime_get_ns)
#define EXIT()                         INSN_EXIT()

enum { R0, R1, R2, R6 = 6, R10 = 10 };

static void straight(void **state)
{
	(void)state;
	PROVEN(MOV_IMM(R0, 0), EXIT());
	PROVEN(MOV_IMM32(R0, 0), EXIT());
	PROVEN(ALU(BPF_XOR, R0, R0), EXIT());
	PROVEN(ALU(BPF_SUB, R0, R0), EXIT());
	PROVEN(HELPER(), ALU_IMM(BPF_AND, R0, 0), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 1), EXIT());
	NOT_PROVEN(MOV_IMM(R0, -1), EXIT());
	NOT_PROVEN(EXIT());
	NOT_PROVEN(MOV_IMM(R1, 0), EXIT());
	NOT_PROVEN(LD_IMM64(R0, 0), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), LD_IMM64(R0, 5), EXIT());
}

static void arithmetic(void **state)
{
	(void)state;
	NOT_PROVEN(MOV_IMM(R0, 0), ALU_IMM(BPF_ADD, R0, 1), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), ALU_IMM(BPF_OR, R0, 4), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), ALU_IMM(BPF_SUB, R0, 1), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), ALU_IMM(BPF_XOR, R0, 1), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), ALU(BPF_XOR, R0, R1), EXIT());
	NOT_PROVEN(HELPER(), ALU_IMM(BPF_AND, R0, 1), EXIT());
	NOT_PROVEN(HELPER(), ALU_IMM(BPF_RSH, R0, 1), EXIT());
	PROVEN(MOV_IMM(R0, 0), ALU_IMM(BPF_LSH, R0, 3), EXIT());
	PROVEN(MOV_IMM(R0, 0), ALU_IMM(BPF_MUL, R0, 3), EXIT());
	PROVEN(HELPER(), MOV_IMM(R6, 0), ALU(BPF_AND, R0, R6), EXIT());
	NOT_PROVEN(MOV_IMM(R6, 0), MOV_IMM(R0, 7), ALU(BPF_MUL, R6, R0), EXIT());
}

static void copies(void **state)
{
	(void)state;
	PROVEN(MOV_IMM(R6, 0), HELPER(), MOV(R0, R6), EXIT());
	NOT_PROVEN(MOV_IMM(R6, 1), MOV(R0, R6), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), MOV(R0, R1), EXIT());
	NOT_PROVEN(MOV_IMM(R6, 0), ALU_IMM(BPF_ADD, R6, 1), MOV(R0, R6), EXIT());
	/* a sign extension or an address cast is another instruction with the same code */
	NOT_PROVEN(MOV_IMM(R6, 0), INSN(BPF_ALU64 | BPF_MOV | BPF_X, R0, R6, 1, 1), EXIT());
}

static void memory(void **state)
{
	(void)state;
	NOT_PROVEN(MOV_IMM(R0, 0), LOAD(R0, R10), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), STORE(R10, R0), LOAD(R0, R10), EXIT());
	PROVEN(MOV_IMM(R0, 0), LOAD(R1, R10), STORE(R10, R1), EXIT());
	/* those that fetch write a register: the source, or register 0 */
	NOT_PROVEN(MOV_IMM(R0, 0), ATOMIC(R10, R1, BPF_CMPXCHG), EXIT());
	NOT_PROVEN(MOV_IMM(R6, 0), ATOMIC(R10, R6, BPF_ADD | BPF_FETCH), MOV(R0, R6), EXIT());
	/* and one loads into the destination (Linux 6.15) */
	NOT_PROVEN(MOV_IMM(R6, 0), ATOMIC(R6, R10, 0x100), MOV(R0, R6), EXIT());
}

static void branches(void **state)
{
	(void)state;
	PROVEN(JUMP_IF(BPF_JGT, R1, 3, 2), MOV_IMM(R0, 0), EXIT(), MOV_IMM(R0, 0), EXIT());
	NOT_PROVEN(JUMP_IF(BPF_JGT, R1, 3, 2), MOV_IMM(R0, 0), EXIT(), MOV_IMM(R0, 1), EXIT());
	NOT_PROVEN(JUMP_IF(BPF_JGT, R1, 3, 2), MOV_IMM(R0, 1), EXIT(), MOV_IMM(R0, 0), EXIT());
	/* two paths into one exit */
	PROVEN(MOV_IMM(R0, 0), JUMP_IF(BPF_JEQ, R1, 3, 1), MOV_IMM(R2, 1), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), JUMP_IF(BPF_JEQ, R1, 3, 1), MOV_IMM(R0, 1), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 1), JUMP_IF(BPF_JEQ, R1, 3, 1), MOV_IMM(R0, 0), EXIT());
}

static void a_comparison_with_zero_tells(void **state)
{
	(void)state;
	PROVEN(HELPER(), JUMP_IF(BPF_JEQ, R0, 0, 1), MOV_IMM(R0, 0), EXIT());
	PROVEN(HELPER(), JUMP_IF(BPF_JNE, R0, 0, 1), EXIT(), MOV_IMM(R0, 0), EXIT());
	NOT_PROVEN(HELPER(), JUMP_IF(BPF_JEQ, R0, 0, 1), EXIT(), EXIT());
	NOT_PROVEN(HELPER(), JUMP_IF(BPF_JNE, R0, 0, 1), MOV_IMM(R0, 0), EXIT());
	NOT_PROVEN(HELPER(), JUMP_IF(BPF_JEQ, R0, 1, 1), MOV_IMM(R0, 0), EXIT());
	/* half of the register only, another comparison, or with a register */
	NOT_PROVEN(HELPER(), JUMP_IF32(BPF_JEQ, R0, 0, 1), MOV_IMM(R0, 0), EXIT());
	NOT_PROVEN(HELPER(), JUMP_IF(BPF_JSGE, R0, 0, 1), MOV_IMM(R0, 0), EXIT());
	NOT_PROVEN(HELPER(), JUMP_IF_REG(BPF_JEQ, R0, R1, 1), MOV_IMM(R0, 0), EXIT());
}

static void loops(void **state)
{
	(void)state;
	PROVEN(MOV_IMM(R0, 0), MOV_IMM(R1, 9), ALU_IMM(BPF_SUB, R1, 1), JUMP_IF(BPF_JNE, R1, 0, -2), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), MOV_IMM(R1, 9), ALU_IMM(BPF_ADD, R0, 1), ALU_IMM(BPF_SUB, R1, 1),
		   JUMP_IF(BPF_JNE, R1, 0, -3), EXIT());
	/* what is true at the first time only */
	NOT_PROVEN(MOV_IMM(R0, 0), JUMP_IF(BPF_JEQ, R1, 5, 2), MOV_IMM(R0, 1), JUMP(-3), EXIT());
	/* it never ends, so it returns nothing else */
	PROVEN(JUMP(-1));
	PROVEN(MOV_IMM(R0, 0), JUMP_IF(BPF_JEQ, R1, 5, 1), JUMP(-2), EXIT());
}

static void calls(void **state)
{
	(void)state;
	NOT_PROVEN(MOV_IMM(R0, 0), HELPER(), EXIT());
	PROVEN(HELPER(), MOV_IMM(R0, 0), EXIT());
	NOT_PROVEN(MOV_IMM(R1, 0), HELPER(), MOV(R0, R1), EXIT());
	/* the program's own functions: what they return is not followed, what they keep is */
	NOT_PROVEN(CALL_FUNCTION(1), EXIT(), MOV_IMM(R0, 0), EXIT());
	PROVEN(CALL_FUNCTION(2), MOV_IMM(R0, 0), EXIT(), MOV_IMM(R0, 1), EXIT());
	PROVEN(MOV_IMM(R6, 0), CALL_FUNCTION(2), MOV(R0, R6), EXIT(), MOV_IMM(R0, 1), EXIT());
}

/** It may be bpf_throw(), which ends the program with any value. */
static void kernel_functions(void **state)
{
	(void)state;
	NOT_PROVEN(CALL_KFUNC(), MOV_IMM(R0, 0), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), JUMP_IF(BPF_JEQ, R1, 1, 1), EXIT(), CALL_KFUNC(), MOV_IMM(R0, 0), EXIT());
}

static void kernel_functions_called_by_the_programs_own(void **state)
{
	(void)state;
	NOT_PROVEN(CALL_FUNCTION(2), MOV_IMM(R0, 0), EXIT(), CALL_KFUNC(), MOV_IMM(R0, 0), EXIT());
}

static void long_jumps(void **state)
{
	(void)state;
	PROVEN(MOV_IMM(R0, 0), JUMP_LONG(1), MOV_IMM(R0, 1), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), JUMP_LONG(0), MOV_IMM(R0, 1), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), INSN(BPF_JMP | BPF_JA | BPF_X, R1, 0, 0, 0), EXIT());
	/* may_goto (Linux 6.9): either way */
	NOT_PROVEN(MOV_IMM(R0, 0), INSN(BPF_JMP | 0xe0, 0, 0, 1, 0), MOV_IMM(R0, 1), EXIT());
}

static void what_is_not_reached_does_not_count(void **state)
{
	(void)state;
	PROVEN(MOV_IMM(R0, 0), EXIT(), MOV_IMM(R0, 1), EXIT());
	PROVEN(MOV_IMM(R0, 0), JUMP(1), MOV_IMM(R0, 1), EXIT());
	/* the second half of an immediate, which reads like "r0 = 1" */
	PROVEN(MOV_IMM(R0, 0), INSN(BPF_LD | BPF_IMM | BPF_DW, R1, 0, 0, 0), MOV_IMM(R0, 1), MOV_IMM(R0, 0),
	       EXIT());
}

static void truncated(void **state)
{
	(void)state;
	NOT_PROVEN(MOV_IMM(R0, 0));
	NOT_PROVEN(MOV_IMM(R0, 0), INSN(BPF_LD | BPF_IMM | BPF_DW, R1, 0, 0, 0));
	NOT_PROVEN(MOV_IMM(R0, 0), JUMP(5), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), JUMP(-7), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), JUMP_LONG(0x7fffffff), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), JUMP_IF(BPF_JEQ, R1, 1, 9), EXIT());
	assert_false(insns_read(NULL, 0).returns_zero);
}

/** There are 11 registers, and room for 16 in an instruction. */
static void registers_that_do_not_exist(void **state)
{
	(void)state;
	NOT_PROVEN(MOV_IMM(15, 0), MOV_IMM(R0, 1), EXIT());
	NOT_PROVEN(MOV_IMM(R0, 0), MOV_IMM(11, 0), EXIT());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(straight),
		cmocka_unit_test(arithmetic),
		cmocka_unit_test(copies),
		cmocka_unit_test(memory),
		cmocka_unit_test(branches),
		cmocka_unit_test(a_comparison_with_zero_tells),
		cmocka_unit_test(loops),
		cmocka_unit_test(calls),
		cmocka_unit_test(kernel_functions),
		cmocka_unit_test(kernel_functions_called_by_the_programs_own),
		cmocka_unit_test(long_jumps),
		cmocka_unit_test(what_is_not_reached_does_not_count),
		cmocka_unit_test(truncated),
		cmocka_unit_test(registers_that_do_not_exist),
	};

	return RUN_ISOLATED("returns zero", tests);
}
