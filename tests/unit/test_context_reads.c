// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Which registers a program reads, and those of which it cannot be said. */
#include "isolate.h"

#include <stdbool.h>

#include "bpf.h"
#include "context_reads.h"
#include "insns.h"

#define READS(...)                                              \
	context_reads((const struct bpf_insn[]){ __VA_ARGS__ }, \
		      sizeof((const struct bpf_insn[]){ __VA_ARGS__ }) / sizeof(struct bpf_insn))

#define READS_ONLY(mask, ...) assert_int_equal(READS(__VA_ARGS__), mask)
#define READS_NOTHING(...)    READS_ONLY(0, __VA_ARGS__)
#define READS_ALL(...)        READS_ONLY(CONTEXT_READS_ALL, __VA_ARGS__)

#define MOV_IMM(dst, imm)               INSN_MOV64_IMM(dst, imm)
#define MOV(dst, src)                   INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define MOV32(dst, src)                 INSN(BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0)
#define ALU(op, dst, src)               INSN(BPF_ALU64 | (op) | BPF_X, dst, src, 0, 0)
#define ALU_IMM(op, dst, imm)           INSN(BPF_ALU64 | (op) | BPF_K, dst, 0, 0, imm)
#define JUMP(off)                       INSN(BPF_JMP | BPF_JA, 0, 0, off, 0)
#define JUMP_LONG(imm)                  INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, imm)
#define JUMP_IF(op, dst, imm, off)      INSN(BPF_JMP | (op) | BPF_K, dst, 0, off, imm)
#define LOAD_SIZE(size, dst, src, off)  INSN(BPF_LDX | BPF_MEM | (size), dst, src, off, 0)
#define LOAD(dst, src, off)             LOAD_SIZE(BPF_DW, dst, src, off)
#define LOAD_SIGNED(dst, src, off)      INSN(BPF_LDX | 0x80 | BPF_W, dst, src, off, 0)
#define STORE_SIZE(size, dst, off, src) INSN(BPF_STX | BPF_MEM | (size), dst, src, off, 0)
#define STORE(dst, off, src)            STORE_SIZE(BPF_DW, dst, off, src)
#define STORE_IMM(dst, off, imm)        INSN(BPF_ST | BPF_MEM | BPF_DW, dst, 0, off, imm)
#define ATOMIC(dst, off, src, op)       INSN(BPF_STX | BPF_ATOMIC | BPF_DW, dst, src, off, op)
#define LD_IMM64(dst, src)              INSN(BPF_LD | BPF_IMM | BPF_DW, dst, src, 0, 0), INSN(0, 0, 0, 0, 0)
#define MAP(dst)                        LD_IMM64(dst, BPF_PSEUDO_MAP_FD)
#define CALLBACK(dst)                   LD_IMM64(dst, BPF_PSEUDO_FUNC)
#define CALL_FUNCTION(imm)              INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, imm)
#define CALL_KFUNC()                    INSN(BPF_JMP | BPF_CALL, 0, 2, 0, 1)
#define CALL(helper)                    INSN_CALL(BPF_FUNC_##helper)
#define EXIT()                          INSN_EXIT()

enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R10 = 10 };
enum { DI = 1 << 14, SI = 1 << 13, DX = 1 << 12, AX = 1 << 10, R14 = 1 << 1, R15 = 1 << 0 };

static void loads(void **state)
{
	(void)state;
	READS_NOTHING(EXIT());
	READS_ONLY(DI, LOAD(R0, R1, 112), EXIT());
	READS_ONLY(DI | SI, LOAD(R2, R1, 112), LOAD(R1, R1, 104), EXIT());
	READS_ONLY(R15, LOAD(R1, R1, 0), LOAD(R1, R1, 8), EXIT()); /* the second goes elsewhere */
	/* of all sizes */
	READS_ONLY(DI, LOAD_SIZE(BPF_W, R0, R1, 112), EXIT());
	READS_ONLY(DI, LOAD_SIZE(BPF_W, R0, R1, 116), EXIT());
	READS_ONLY(DI, LOAD_SIZE(BPF_B, R0, R1, 119), EXIT());
	READS_ONLY(DI, LOAD_SIZE(BPF_H, R0, R1, 118), EXIT());
	READS_ONLY(DI, LOAD_SIGNED(R0, R1, 112), EXIT());
	/* across a border: the kernel refuses it */
	READS_ONLY(SI | DI, LOAD(R0, R1, 108), EXIT());
	READS_ONLY(SI | DI, LOAD_SIZE(BPF_H, R0, R1, 111), EXIT());
	/* outside */
	READS_ALL(LOAD(R0, R1, -8), EXIT());
	READS_ALL(LOAD(R0, R1, 256), EXIT());
	READS_ALL(LOAD(R0, R1, 252), EXIT());
	READS_ONLY(1u << 31, LOAD(R0, R1, 248), EXIT());
	/* other memory */
	READS_NOTHING(LOAD(R0, R2, 112), EXIT());
}

static void copies(void **state)
{
	(void)state;
	READS_ONLY(DI, MOV(R6, R1), LOAD(R0, R6, 112), EXIT());
	READS_ONLY(DI, MOV(R6, R1), MOV(R7, R6), CALL(ktime_get_ns), LOAD(R0, R7, 112), EXIT());
	READS_NOTHING(MOV(R6, R1), MOV_IMM(R6, 5), LOAD(R0, R6, 112), EXIT());
	READS_NOTHING(MOV(R6, R1), MOV(R6, R2), LOAD(R0, R6, 112), EXIT());
	READS_NOTHING(MAP(R1), LOAD(R0, R1, 112), EXIT());
	READS_ALL(MOV32(R6, R1), EXIT());
	READS_ALL(INSN(BPF_ALU64 | BPF_MOV | BPF_X, R6, R1, 32, 0), EXIT()); /* sign-extended */
}

static void arithmetic(void **state)
{
	(void)state;
	READS_ALL(ALU_IMM(BPF_ADD, R1, 8), EXIT());
	READS_ALL(MOV_IMM(R2, 1), ALU(BPF_ADD, R2, R1), EXIT());
	READS_ALL(ALU(BPF_XOR, R1, R2), EXIT());
	READS_ALL(ALU(BPF_SUB, R1, R1), EXIT());
	READS_ALL(INSN(BPF_ALU | BPF_ADD | BPF_K, R1, 0, 0, 1), EXIT());
	READS_ALL(INSN(BPF_ALU | BPF_END | BPF_TO_BE, R1, 0, 0, 64), EXIT());
	READS_ONLY(DI, ALU_IMM(BPF_ADD, R2, 8), ALU(BPF_ADD, R2, R3), LOAD(R2, R1, 112), EXIT());
	/* a comparison is none */
	READS_ONLY(DI, JUMP_IF(BPF_JEQ, R1, 0, 1), LOAD(R0, R1, 112), EXIT());
}

static void stores(void **state)
{
	(void)state;
	READS_ALL(STORE(R1, 80, R2), EXIT());
	READS_ALL(STORE_IMM(R1, 80, 0), EXIT());
	READS_ALL(STORE(R6, 0, R1), EXIT());
	READS_NOTHING(STORE(R6, 0, R2), STORE_IMM(R6, 8, 1), EXIT());
}

static void spills(void **state)
{
	(void)state;
	READS_ONLY(DI, STORE(R10, -8, R1), LOAD(R2, R10, -8), LOAD(R0, R2, 112), EXIT());
	READS_ONLY(DI, STORE(R10, -512, R1), CALL(ktime_get_ns), LOAD(R6, R10, -512), LOAD(R0, R6, 112),
		   EXIT());
	/* from other slots, or from this one when something else is there */
	READS_NOTHING(STORE(R10, -8, R1), LOAD(R2, R10, -16), LOAD(R0, R2, 112), EXIT());
	READS_NOTHING(STORE(R10, -8, R1), STORE(R10, -8, R3), LOAD(R2, R10, -8), LOAD(R0, R2, 112), EXIT());
	READS_NOTHING(STORE(R10, -8, R1), STORE_IMM(R10, -8, 0), LOAD(R2, R10, -8), LOAD(R0, R2, 112),
		      EXIT());
	/* half of it is enough to go on with */
	READS_ONLY(DI, STORE(R10, -8, R1), STORE_SIZE(BPF_W, R10, -8, R3), LOAD(R2, R10, -8),
		   LOAD(R0, R2, 112), EXIT());
	READS_ONLY(DI, STORE(R10, -8, R1), STORE(R10, -12, R3), LOAD(R2, R10, -8), LOAD(R0, R2, 112), EXIT());
}

static void odd_spills(void **state)
{
	(void)state;
	READS_ALL(STORE_SIZE(BPF_W, R10, -8, R1), EXIT());
	READS_ALL(STORE(R10, -12, R1), EXIT());
	READS_ALL(STORE(R10, 0, R1), EXIT());
	READS_ALL(STORE(R10, -520, R1), EXIT());
	READS_ALL(MOV(R2, R10), STORE(R2, -8, R1), EXIT());
	/* parts of it come back */
	READS_ALL(STORE(R10, -8, R1), LOAD_SIZE(BPF_W, R0, R10, -8), EXIT());
	READS_ALL(STORE(R10, -8, R1), LOAD_SIZE(BPF_B, R0, R10, -1), EXIT());
	READS_ALL(STORE(R10, -16, R1), LOAD(R0, R10, -12), EXIT());
	READS_ALL(STORE(R10, -16, R1), LOAD(R0, R10, -20), EXIT());
	/* but these are beside it */
	READS_NOTHING(STORE(R10, -16, R1), LOAD_SIZE(BPF_W, R0, R10, -8), LOAD_SIZE(BPF_W, R0, R10, -20),
		      LOAD_SIZE(BPF_B, R0, R10, -17), EXIT());
}

#define SPILL() STORE(R10, -16, R1)

static void pointers_to_the_stack(void **state)
{
	(void)state;
	/* a pointer below or at the spill may reach it, one above does not */
	READS_ALL(SPILL(), MOV(R2, R10), LOAD(R0, R2, -16), EXIT());
	READS_ALL(SPILL(), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -16), LOAD(R0, R2, 0), EXIT());
	READS_ALL(SPILL(), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -32), LOAD(R0, R2, 0), EXIT());
	READS_NOTHING(SPILL(), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -8), LOAD(R0, R2, 0), EXIT());
	READS_ALL(SPILL(), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -8), LOAD(R0, R2, -8), EXIT());
	READS_ALL(SPILL(), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -12), LOAD_SIZE(BPF_W, R0, R2, 0), EXIT());
	/* to anywhere */
	READS_ALL(SPILL(), MOV(R2, R10), ALU(BPF_ADD, R2, R6), LOAD(R0, R2, 0), EXIT());
	READS_ALL(SPILL(), MOV(R2, R6), ALU(BPF_ADD, R2, R10), LOAD(R0, R2, 0), EXIT());
	READS_ALL(SPILL(), MOV(R2, R10), ALU_IMM(BPF_SUB, R2, 8), LOAD(R0, R2, 0), EXIT());
	READS_ALL(SPILL(), MOV32(R2, R10), LOAD(R0, R2, 0), EXIT());
	/* what a pointer may reach is of interest only while it is there */
	READS_NOTHING(MOV(R2, R10), LOAD(R0, R2, -16), SPILL(), EXIT());
	READS_NOTHING(SPILL(), STORE_IMM(R10, -16, 0), MOV(R2, R10), LOAD(R0, R2, -16), EXIT());
}

/** Where they have got to is not followed: then nothing may be spilled, before or after. */
static void pointers_to_the_stack_that_get_away(void **state)
{
	(void)state;
	READS_ALL(SPILL(), STORE(R10, -8, R10), EXIT());
	READS_ALL(SPILL(), MOV(R2, R10), STORE(R6, 0, R2), EXIT());
	READS_ALL(STORE(R10, -8, R10), SPILL(), STORE_IMM(R10, -16, 0), EXIT());
	READS_ALL(SPILL(), STORE_IMM(R10, -16, 0), STORE(R10, -8, R10), EXIT());
	READS_ONLY(DI, STORE(R10, -8, R10), LOAD(R0, R1, 112), EXIT());
}

static void helpers(void **state)
{
	(void)state;
	/* a compiler leaves it there because they take nothing */
	READS_ONLY(DI, MOV(R6, R1), CALL(get_current_pid_tgid), LOAD(R0, R6, 112), EXIT());
	READS_NOTHING(CALL(ktime_get_ns), CALL(get_smp_processor_id), EXIT());
	READS_NOTHING(MOV(R3, R1), CALL(get_current_task), EXIT());
	/* after a call it is no longer in these */
	READS_NOTHING(MOV(R2, R1), MOV(R0, R1), CALL(ktime_get_ns), LOAD(R3, R1, 0), LOAD(R3, R2, 0),
		      LOAD(R3, R0, 0), EXIT());
	READS_NOTHING(MOV(R5, R1), CALL(ktime_get_ns), LOAD(R3, R5, 0), EXIT());
	/* all others may look at what they are given */
	READS_ALL(CALL(map_lookup_elem), EXIT());
	READS_ALL(MOV(R3, R1), MOV(R1, R10), ALU_IMM(BPF_ADD, R1, -8), MOV_IMM(R2, 8), CALL(probe_read),
		  EXIT());
	READS_ALL(MOV(R3, R1), MOV(R1, R6), MOV_IMM(R2, 8), CALL(probe_read_kernel), EXIT());
	READS_ALL(MOV(R3, R1), MOV(R1, R6), MOV_IMM(R2, 8), CALL(probe_read_kernel_str), EXIT());
	READS_ALL(MOV(R3, R1), MOV(R1, R6), MOV_IMM(R2, 8), CALL(probe_read_str), EXIT());
	READS_ALL(MOV(R4, R1), MOV(R1, R6), CALL(trace_printk), EXIT());
	READS_ONLY(DI, LOAD(R3, R1, 112), MOV(R1, R10), ALU_IMM(BPF_ADD, R1, -8), MOV_IMM(R2, 8),
		   CALL(probe_read_kernel), EXIT());
	READS_ALL(INSN_CALL(100000), EXIT());
}

static void helpers_that_take_the_context(void **state)
{
	(void)state;
	READS_NOTHING(CALL(get_func_ip), EXIT());
	READS_NOTHING(MOV(R6, R1), CALL(get_attach_cookie), MOV(R1, R6), MAP(R2), MOV_IMM(R3, 0),
		      CALL(get_stackid), MOV(R1, R6), CALL(get_stack), EXIT());
	READS_NOTHING(MAP(R2), MOV_IMM(R3, -1), MOV(R4, R10), ALU_IMM(BPF_ADD, R4, -8), MOV_IMM(R5, 8),
		      CALL(perf_event_output), EXIT());
	READS_NOTHING(MAP(R2), CALL(tail_call), EXIT());
	READS_NOTHING(CALL(override_return), EXIT());
	/* as the first argument */
	READS_ALL(MAP(R2), MOV(R4, R1), CALL(perf_event_output), EXIT());
}

static void helpers_that_are_given_memory(void **state)
{
	(void)state;
	READS_ALL(SPILL(), MAP(R1), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -16), CALL(map_lookup_elem), EXIT());
	READS_ALL(SPILL(), MAP(R1), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -24), CALL(map_lookup_elem), EXIT());
	READS_ALL(SPILL(), MAP(R1), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -12), CALL(map_lookup_elem), EXIT());
	READS_ONLY(DI, SPILL(), MAP(R1), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -8), CALL(map_lookup_elem),
		   LOAD(R1, R10, -16), LOAD(R0, R1, 112), EXIT());
	/* the lowest of two, and what a loop makes of it */
	READS_ALL(SPILL(), MAP(R1), MOV(R2, R10), JUMP_IF(BPF_JEQ, R6, 0, 1), ALU_IMM(BPF_ADD, R2, -16),
		  CALL(map_lookup_elem), EXIT());
	READS_ALL(SPILL(), MAP(R1), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -1), JUMP_IF(BPF_JNE, R6, 0, -2),
		  CALL(map_lookup_elem), EXIT());
}

static void functions(void **state)
{
	(void)state;
	READS_ALL(CALL_FUNCTION(1), EXIT(), EXIT());
	READS_ALL(MOV(R5, R1), MOV_IMM(R1, 0), CALL_FUNCTION(1), EXIT(), EXIT());
	READS_ALL(CALL_KFUNC(), EXIT());
	/* whatever helper has that number */
	READS_ALL(CALL_FUNCTION(BPF_FUNC_perf_event_output), EXIT());
	READS_ALL(CALL_FUNCTION(BPF_FUNC_ktime_get_ns), EXIT());
	READS_ALL(MOV_IMM(R1, 0), INSN(BPF_JMP | BPF_CALL, 0, 3, 0, 1), EXIT());
	READS_ONLY(DI, MOV(R6, R1), LOAD(R1, R6, 112), CALL_FUNCTION(1), EXIT(), LOAD(R0, R1, 8), EXIT());
	READS_ONLY(DI, MOV(R6, R1), MOV_IMM(R1, 0), CALL_KFUNC(), LOAD(R0, R6, 112), EXIT());
	/* they keep registers 6 to 9, and no others */
	READS_ONLY(DI, MOV(R6, R1), MOV(R0, R1), MOV_IMM(R1, 0), CALL_FUNCTION(3), LOAD(R2, R0, 0),
		   LOAD(R0, R6, 112), EXIT(), EXIT());
	/* and can get anywhere from a pointer to the stack */
	READS_ALL(SPILL(), MOV_IMM(R1, 0), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -8), CALL_FUNCTION(1), EXIT(),
		  EXIT());
	READS_ALL(SPILL(), MOV_IMM(R1, 0), MOV(R2, R10), ALU_IMM(BPF_ADD, R2, -8), CALL_KFUNC(), EXIT());
	READS_NOTHING(SPILL(), MOV_IMM(R1, 0), CALL_FUNCTION(1), EXIT(), EXIT());
}

static void callbacks(void **state)
{
	(void)state;
	READS_ALL(MOV(R6, R1), SPILL(), MOV_IMM(R1, 5), CALLBACK(R2), MOV_IMM(R3, 0), MOV_IMM(R4, 0),
		  CALL(loop), EXIT(), EXIT());
	READS_ALL(CALLBACK(R6), SPILL(), EXIT(), EXIT());
	READS_ALL(MOV(R3, R1), MOV_IMM(R1, 5), CALLBACK(R2), CALL(loop), EXIT(), EXIT());
	READS_ONLY(DI, MOV(R6, R1), MOV_IMM(R1, 5), CALLBACK(R2), MOV(R3, R10), ALU_IMM(BPF_ADD, R3, -8),
		   MOV_IMM(R4, 0), CALL(loop), LOAD(R0, R6, 112), EXIT(), EXIT());
}

static void atomics(void **state)
{
	(void)state;
	READS_ONLY(DI, ATOMIC(R6, 0, R2, BPF_ADD), LOAD(R0, R1, 112), EXIT());
	READS_ALL(ATOMIC(R6, 0, R1, BPF_XCHG), EXIT());
	READS_ALL(ATOMIC(R1, 0, R2, BPF_ADD), EXIT());
	READS_ALL(MOV(R0, R1), ATOMIC(R6, 0, R2, BPF_CMPXCHG), EXIT());
	READS_ALL(SPILL(), MOV_IMM(R2, 0), ATOMIC(R10, -16, R2, BPF_XCHG), EXIT());
	READS_ALL(SPILL(), ATOMIC(R2, -16, R10, 0x100), EXIT()); /* a load-acquire */
	READS_ALL(SPILL(), ATOMIC(R6, 0, R10, BPF_XCHG), EXIT());
	READS_ALL(ATOMIC(R6, 0, R10, BPF_XCHG), SPILL(), EXIT());
}

/** What is so on one path only is so. */
static void paths_that_meet(void **state)
{
	(void)state;
	/* a register */
	READS_ONLY(DI, MOV_IMM(R6, 0), JUMP_IF(BPF_JEQ, R2, 0, 1), MOV(R6, R1), LOAD(R0, R6, 112), EXIT());
	READS_ONLY(DI, MOV(R6, R1), JUMP_IF(BPF_JEQ, R2, 0, 1), MOV_IMM(R6, 0), LOAD(R0, R6, 112), EXIT());
	/* a slot */
	READS_ONLY(DI, JUMP_IF(BPF_JEQ, R2, 0, 1), SPILL(), LOAD(R6, R10, -16), LOAD(R0, R6, 112), EXIT());
	READS_ONLY(DI, SPILL(), JUMP_IF(BPF_JEQ, R2, 0, 1), STORE_IMM(R10, -16, 0), LOAD(R6, R10, -16),
		   LOAD(R0, R6, 112), EXIT());
	/* a pointer to the stack, and how far down it reaches */
	READS_ALL(SPILL(), MOV_IMM(R6, 0), JUMP_IF(BPF_JEQ, R2, 0, 1), MOV(R6, R10), LOAD(R0, R6, -16),
		  EXIT());
	READS_ALL(SPILL(), MOV(R6, R10), JUMP_IF(BPF_JEQ, R2, 0, 1), MOV_IMM(R6, 0), LOAD(R0, R6, -16),
		  EXIT());
	READS_ALL(SPILL(), MOV(R6, R10), ALU_IMM(BPF_ADD, R6, -16), JUMP_IF(BPF_JEQ, R2, 0, 1), MOV(R6, R10),
		  LOAD(R0, R6, 0), EXIT());
	READS_NOTHING(SPILL(), MOV_IMM(R6, 0), JUMP_IF(BPF_JEQ, R2, 0, 2), MOV(R6, R10),
		      ALU_IMM(BPF_ADD, R6, -8), LOAD(R0, R6, 0), EXIT());
	READS_NOTHING(SPILL(), MOV_IMM(R6, 0), JUMP_IF(BPF_JNE, R2, 0, 1), JUMP(2), MOV(R6, R10),
		      ALU_IMM(BPF_ADD, R6, -8), LOAD(R0, R6, 0), EXIT());
	/* that comes by the path which is followed last */
	READS_ALL(SPILL(), MOV_IMM(R6, 0), JUMP_IF(BPF_JEQ, R2, 0, 1), JUMP(1), MOV(R6, R10),
		  LOAD(R0, R6, -16), EXIT());
	/* what either path reads */
	READS_ONLY(DI | SI, JUMP_IF(BPF_JEQ, R2, 0, 2), LOAD(R0, R1, 112), EXIT(), LOAD(R0, R1, 104), EXIT());
	/* both may be at once what neither is alone */
	READS_ALL(SPILL(), MOV(R6, R1), JUMP_IF(BPF_JEQ, R2, 0, 1), MOV(R6, R10), LOAD(R0, R6, -16), EXIT());
}

static void loops(void **state)
{
	(void)state;
	/* the second time round it is in register 7, the third time in 8 */
	READS_ONLY(DI, MOV(R6, R1), MOV_IMM(R7, 0), MOV_IMM(R8, 0), LOAD(R0, R8, 112), MOV(R8, R7),
		   MOV(R7, R6), JUMP_IF(BPF_JNE, R0, 0, -4), EXIT());
	READS_ONLY(DI, LOAD(R6, R10, -16), LOAD(R0, R6, 112), SPILL(), JUMP_IF(BPF_JNE, R0, 0, -4), EXIT());
	READS_NOTHING(JUMP(-1));
	READS_ONLY(DI, JUMP_LONG(1), LOAD(R0, R1, 0), LOAD(R0, R1, 112), EXIT());
}

static void what_is_not_reached_does_not_count(void **state)
{
	(void)state;
	READS_ONLY(DI, LOAD(R0, R1, 112), EXIT(), LOAD(R0, R1, 0), EXIT());
	READS_NOTHING(JUMP(1), LOAD(R0, R1, 112), EXIT());
	/* the second half of an immediate */
	READS_NOTHING(INSN(BPF_LD | BPF_IMM | BPF_DW, R2, 0, 0, 0), LOAD(R0, R1, 112), EXIT());
}

static void what_cannot_be_followed(void **state)
{
	(void)state;
	assert_int_equal(context_reads(NULL, 0), CONTEXT_READS_ALL);
	READS_ALL(MOV_IMM(R0, 0));
	READS_ALL(JUMP(5), EXIT());
	READS_ALL(INSN(BPF_JMP | BPF_JA | BPF_X, R2, 0, 0, 0), EXIT());
	READS_ALL(INSN(BPF_JMP | BPF_CALL | BPF_X, R2, 0, 0, 0), EXIT());
	READS_ALL(INSN(BPF_LD | BPF_ABS | BPF_W, 0, 0, 0, 0), EXIT());
	READS_ALL(MOV_IMM(11, 0), EXIT());
	READS_ALL(LOAD(R0, 12, 0), EXIT());
}

/** As clang makes it of "PT_REGS_PARM2", a filter by process, and an event on the stack. */
static void a_compiled_program(void **state)
{
	(void)state;
	READS_ONLY(SI | DI, MOV(R6, R1), CALL(get_current_pid_tgid), MOV(R7, R0), ALU_IMM(BPF_RSH, R0, 32),
		   MAP(R1), LOAD_SIZE(BPF_W, R1, R1, 0), JUMP_IF(BPF_JEQ, R1, 0, 13),
		   INSN(BPF_JMP32 | BPF_JNE | BPF_X, R0, R1, 12, 0), LOAD(R8, R6, 112), STORE(R10, -8, R7),
		   STORE_IMM(R10, -24, 0), LOAD(R1, R6, 104), STORE(R10, -16, R1), MAP(R2), MOV(R4, R10),
		   ALU_IMM(BPF_ADD, R4, -24), MOV(R1, R6), INSN(BPF_ALU | BPF_MOV | BPF_K, R3, 0, 0, -1),
		   MOV_IMM(R5, 24), CALL(perf_event_output), MOV_IMM(R0, 0), EXIT());
}

static void what_a_link_provides(void **state)
{
	(void)state;
	assert_true(context_reads_same(0, false) && context_reads_same(0, true));
	assert_false(context_reads_same(CONTEXT_READS_ALL, false));
	assert_false(context_reads_same(CONTEXT_READS_ALL, true));
#ifdef __x86_64__
	const uint32_t ip = 1u << 16;

	assert_true(context_reads_same(DI | SI | DX | AX, false));
	assert_false(context_reads_same(DI, true));
	assert_true(context_reads_same(AX | DX, true));
	assert_false(context_reads_same(DI | R14, false));
	assert_false(context_reads_same(ip, false));
#else
	assert_false(context_reads_same(DI, false));
#endif
}

/** They are among what is known of a program. */
static void facts(void **state)
{
	const struct bpf_insn insns[] = { LOAD(R0, R1, 112), CALL(get_stack), EXIT() };
	struct insn_facts facts = insns_read(insns, sizeof(insns) / sizeof(insns[0]));

	(void)state;
	assert_int_equal(facts.context_reads, DI);
	assert_true(facts.reads_stack);
	const struct bpf_insn of_task[] = { CALL(get_task_stack), EXIT() };

	assert_true(insns_read(of_task, 2).reads_stack);
	facts = insns_read(insns, 1);
	assert_int_equal(facts.context_reads, CONTEXT_READS_ALL);
	assert_false(facts.reads_stack);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads),
		cmocka_unit_test(copies),
		cmocka_unit_test(arithmetic),
		cmocka_unit_test(stores),
		cmocka_unit_test(spills),
		cmocka_unit_test(odd_spills),
		cmocka_unit_test(pointers_to_the_stack),
		cmocka_unit_test(pointers_to_the_stack_that_get_away),
		cmocka_unit_test(helpers),
		cmocka_unit_test(helpers_that_take_the_context),
		cmocka_unit_test(helpers_that_are_given_memory),
		cmocka_unit_test(functions),
		cmocka_unit_test(callbacks),
		cmocka_unit_test(atomics),
		cmocka_unit_test(paths_that_meet),
		cmocka_unit_test(loops),
		cmocka_unit_test(what_is_not_reached_does_not_count),
		cmocka_unit_test(what_cannot_be_followed),
		cmocka_unit_test(a_compiled_program),
		cmocka_unit_test(what_a_link_provides),
		cmocka_unit_test(facts),
	};

	return RUN_ISOLATED("context reads", tests);
}
