// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* UPSHIFT_KPROBES=on: what is left on perf, each for its reason, which the report names. */
#include "kprobe_tool.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "bpf.h"
#include "config.h"
#include "fdtable.h"
#include "kernel.h"

static const struct tool_kprobe entry = { .function = FAKE_FUNCTION };
static const struct tool_kprobe at_return = { .function = FAKE_FUNCTION, .retprobe = true };

static int start(const struct fake_features *features)
{
	const int prog = start_with_kprobes(features);

	config.report = "/report";
	return prog;
}

static void expect_reason(const char *reason)
{
	if (!strstr(fake_file_content("/report"), reason))
		fail_msg("no \"%s\" in %s", reason, fake_file_content("/report"));
}

/** One that is attached all the same, by either way. */
static void expect_on_perf(const struct tool_kprobe *kprobe, int prog, const char *reason)
{
	expect_fd(attach_kprobe(kprobe, prog, 5));
	assert_int_equal(only_probe().cookie, 5);
	assert_int_equal(tool_set_bpf(expect_fd(open_kprobe(kprobe)), prog), 0);
	expect_probes(0, 2);
	expect_safe();
	expect_reason(reason);
}

/* ---- by its place -------------------------------------------------------------------------------- */

static void at_an_offset(void **state)
{
	const struct tool_kprobe kprobe = { .function = FAKE_FUNCTION, .offset = 4 };

	(void)state;
	expect_on_perf(&kprobe, start(&fake_linux_6_18), "an offset in its function");
}

static void at_an_address(void **state)
{
	const struct tool_kprobe kprobe = { .offset = FAKE_FUNCTION_ADDRESS };

	(void)state;
	expect_on_perf(&kprobe, start(&fake_linux_6_18), "at an address");
}

static void of_a_module(void **state)
{
	const struct tool_kprobe kprobe = { .function = "mod:" FAKE_FUNCTION };

	(void)state;
	expect_on_perf(&kprobe, start(&fake_linux_6_18), "a named module");
}

static void of_a_module_that_is_not_named(void **state)
{
	const struct tool_kprobe kprobe = { .function = FAKE_MODULE_FUNCTION };

	(void)state;
	expect_on_perf(&kprobe, start(&fake_linux_6_18), "one of a module");
}

/** perf has an answer of its own, which a link would not give. */
static void of_a_name_that_is_there_twice(void **state)
{
	(void)state;
	start(&fake_linux_6_18);
	assert_int_equal(open_kprobe_of(FAKE_DOUBLE_FUNCTION), -EADDRNOTAVAIL);
}

/** ftrace reaches it. */
static void of_a_function_that_must_not_have_one(void **state)
{
	(void)state;
	start(&fake_linux_6_18);
	assert_int_equal(open_kprobe_of(FAKE_FORBIDDEN_FUNCTION), -EINVAL);
}

static void of_data(void **state)
{
	(void)state;
	start(&fake_linux_6_18);
	assert_int_equal(open_kprobe_of(FAKE_DATA), -EINVAL);
}

static void of_no_function(void **state)
{
	(void)state;
	start(&fake_linux_6_18);
	assert_int_equal(open_kprobe_of("no_such_function"), -ENOENT);
}

static void out_of_ftraces_reach(void **state)
{
	const struct tool_kprobe kprobe = { .function = FAKE_UNTRACEABLE_FUNCTION };

	(void)state;
	expect_on_perf(&kprobe, start(&fake_linux_6_18), "ftrace does not reach");
}

static void out_of_ftraces_reach_by_name(void **state)
{
	const struct tool_kprobe kprobe = { .function = FAKE_UNTRACEABLE_FUNCTION };

	(void)state;
	int prog = start(&fake_linux_6_18);

	fake_list_functions(false);
	expect_on_perf(&kprobe, prog, "ftrace does not reach");
}

static void with_a_pid(void **state)
{
	const struct tool_kprobe kprobe = { .function = FAKE_FUNCTION, .pid = getpid() };

	(void)state;
	expect_on_perf(&kprobe, start(&fake_linux_6_18), "more than to run a BPF program");
}

static void without_symbols(void **state)
{
	(void)state;
	int prog = start(&fake_linux_6_18);

	fake_remove_file("/proc/kallsyms");
	expect_on_perf(&entry, prog, "symbols cannot be read");
}

static void a_name_in_bad_memory(void **state)
{
	const struct perf_event_attr attr = { .type = (uint32_t)fake_linux_6_18.kprobe_pmu_type,
					      .size = sizeof(attr),
					      .kprobe_func = 8 };

	(void)state;
	start(&fake_linux_6_18);
	fake_fail(SYS_perf_event_open, 1, EFAULT);
	assert_int_equal(tool_perf_event_open(&attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC), -EFAULT);
}

/* ---- by its program ------------------------------------------------------------------------------ */

static void expect_program_on_perf(const struct tool_program *program, const struct tool_kprobe *kprobe,
				   const char *reason)
{
	start(&fake_linux_6_18);
	expect_on_perf(kprobe, (int)expect_fd(tool_load(program)), reason);
}

static void that_overrides_return(void **state)
{
	const struct tool_program program = tool_simple(OVERRIDE_RETURN);

	(void)state;
	expect_program_on_perf(&program, &entry, "bpf_override_return");
}

static void that_is_part_of_tail_calls(void **state)
{
	const struct tool_program program = tool_simple(TAIL_CALL);

	(void)state;
	expect_program_on_perf(&program, &entry, "part of tail calls");
}

static void that_is_called_by_tail_calls(void **state)
{
	(void)state;
	int prog = start(&fake_linux_6_18);
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_PROG_ARRAY));

	assert_int_equal(tool_put_into_map(map, 0, prog), 0);
	expect_on_perf(&entry, prog, "part of tail calls");
}

static void that_is_sleepable(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	program.flags = BPF_F_SLEEPABLE;
	expect_program_on_perf(&program, &entry, "sleepable");
}

static void whose_type_the_tool_chose(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	program.expected_attach_type = BPF_TRACE_FENTRY;
	expect_program_on_perf(&program, &entry, "expected attach type itself");
}

static void whose_load_was_not_seen(void **state)
{
	(void)state;
	start(&fake_linux_6_18);
	expect_on_perf(&entry, (int)expect_fd(tool_load_unseen(RETURN_0, 0)), "load was not seen");
}

static void of_a_single_section(void **state)
{
	const struct load_hint hint = { .program = "probe",
					.section = "kprobe.single",
					.wish = SECTION_PERF };
	const struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_with_hint(&program, &hint));

	assert_int_equal(fake_attach_type_of(prog), 0);
	expect_on_perf(&entry, prog, ".single");
}

static void that_the_caller_wants_on_perf(void **state)
{
	const struct attach_hint hint = { .keep_perf = "the caller set attach_mode" };

	(void)state;
	int prog = start(&fake_linux_6_18);

	hints_set_attach(&hint);
	expect_on_perf(&entry, prog, "attach_mode");
}

static void that_skip_names(void **state)
{
	(void)state;
	int prog = start(&fake_linux_6_18);

	config.skip = "vfs_*";
	expect_on_perf(&entry, prog, "UPSHIFT_SKIP");
}

/* ---- registers and stacks ------------------------------------------------------------------------ */

enum { AX = 80, CX = 88, R12 = 24 };

#define READS(offset)                                                              \
	{                                                                          \
		INSN(BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_2, BPF_REG_1, offset, 0), \
			INSN_MOV64_IMM(BPF_REG_0, 0), INSN_EXIT()                  \
	}

static const struct bpf_insn reads_ax[] = READS(AX), reads_cx[] = READS(CX), reads_r12[] = READS(R12);
static const struct bpf_insn reads_stack[] = { INSN_CALL(BPF_FUNC_get_stackid), INSN_MOV64_IMM(BPF_REG_0, 0),
					       INSN_EXIT() };

#define PROGRAM(code)                                                                        \
	{                                                                                    \
		.name = "probe", .insns = code, .insn_cnt = sizeof(code) / sizeof((code)[0]) \
	}

static void with_a_register_that_is_not_there(void **state)
{
	const struct tool_program program = PROGRAM(reads_r12);

	(void)state;
	expect_program_on_perf(&program, &entry, "registers");
}

static void with_a_register_that_is_not_there_at_return(void **state)
{
	const struct tool_program program = PROGRAM(reads_cx);

	(void)state;
	expect_program_on_perf(&program, &at_return, "registers");
}

static void registers_that_are_there(void **state)
{
	const struct tool_program cx = PROGRAM(reads_cx), ax = PROGRAM(reads_ax);

	(void)state;
	start(&fake_linux_6_18);
	expect_fd(attach_kprobe(&entry, (int)expect_fd(tool_load(&cx)), 0));
	expect_fd(attach_kprobe(&at_return, (int)expect_fd(tool_load(&ax)), 0));
	expect_probes(2, 0);
}

static void with_stacks(void **state)
{
	const struct tool_program program = PROGRAM(reads_stack);

	(void)state;
	expect_program_on_perf(&program, &entry, "reads stacks");
}

static void at_return_beside_a_program_that_reads_stacks(void **state)
{
	const struct tool_program program = PROGRAM(reads_stack);

	(void)state;
	int prog = start(&fake_linux_6_18);

	expect_fd(tool_load(&program));
	expect_fd(attach_kprobe(&entry, prog, 0));
	expect_kprobe(true);
	expect_fd(attach_kprobe(&at_return, prog, 0));
	expect_probes(1, 1);
	expect_reason("reads stacks");
}

/* ---- by the kernel ------------------------------------------------------------------------------- */

static void without_fprobe(void **state)
{
	struct fake_features features = fake_linux_6_18;

	(void)state;
	features.kprobe_multi = false;
	expect_on_perf(&entry, start(&features), "no kprobe_multi links");
}

/** Before 6.14. Nothing is loaded for such a link either. */
static void where_links_are_slow(void **state)
{
	const struct load_hint hint = { .program = "probe",
					.section = "kprobe/" FAKE_FUNCTION,
					.wish = SECTION_KPROBE_MULTI };
	const struct tool_program program = tool_simple(RETURN_0);
	struct fake_features features = fake_linux_6_18;

	(void)state;
	features.fprobe_on_rethook = true;
	start(&features);
	int prog = expect_fd(tool_load_with_hint(&program, &hint));

	assert_int_equal(fake_attach_type_of(prog), 0);
	fake_forget_calls();
	expect_on_perf(&entry, prog, "before Linux 6.14");
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_PROG_LOAD), 0);
}

static void where_the_link_is_refused(void **state)
{
	(void)state;
	int prog = start(&fake_linux_6_18);

	fake_features.multi_errno = ENOMEM;
	expect_on_perf(&entry, prog, "ENOMEM");
}

static void require_leaves_an_offset_without_fprobe_too(void **state)
{
	const struct tool_kprobe inside = { .function = FAKE_FUNCTION, .offset = 4 };
	struct fake_features features = fake_linux_6_18;

	(void)state;
	features.kprobe_multi = false;
	int prog = start(&features);

	config.require = true;
	expect_fd(attach_kprobe(&inside, prog, 0));
	expect_probes(0, 1);
	assert_true(attach_kprobe(&entry, prog, 0) < 0);
}

static void require_fails_what_is_eligible_only(void **state)
{
	const struct tool_kprobe inside = { .function = FAKE_FUNCTION, .offset = 4 };

	(void)state;
	int prog = start(&fake_linux_6_18);

	config.require = true;
	expect_fd(attach_kprobe(&inside, prog, 0));
	expect_probes(0, 1);
	fake_features.multi_errno = ENOMEM;
	assert_true(attach_kprobe(&entry, prog, 0) < 0);
	expect_probes(0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_an_offset),
		cmocka_unit_test(at_an_address),
		cmocka_unit_test(of_a_module),
		cmocka_unit_test(of_a_module_that_is_not_named),
		cmocka_unit_test(of_a_name_that_is_there_twice),
		cmocka_unit_test(of_a_function_that_must_not_have_one),
		cmocka_unit_test(of_data),
		cmocka_unit_test(of_no_function),
		cmocka_unit_test(out_of_ftraces_reach),
		cmocka_unit_test(out_of_ftraces_reach_by_name),
		cmocka_unit_test(with_a_pid),
		cmocka_unit_test(without_symbols),
		cmocka_unit_test(a_name_in_bad_memory),
		cmocka_unit_test(that_overrides_return),
		cmocka_unit_test(that_is_part_of_tail_calls),
		cmocka_unit_test(that_is_called_by_tail_calls),
		cmocka_unit_test(that_is_sleepable),
		cmocka_unit_test(whose_type_the_tool_chose),
		cmocka_unit_test(whose_load_was_not_seen),
		cmocka_unit_test(of_a_single_section),
		cmocka_unit_test(that_the_caller_wants_on_perf),
		cmocka_unit_test(that_skip_names),
		cmocka_unit_test(with_a_register_that_is_not_there),
		cmocka_unit_test(with_a_register_that_is_not_there_at_return),
		cmocka_unit_test(registers_that_are_there),
		cmocka_unit_test(with_stacks),
		cmocka_unit_test(at_return_beside_a_program_that_reads_stacks),
		cmocka_unit_test(without_fprobe),
		cmocka_unit_test(where_links_are_slow),
		cmocka_unit_test(where_the_link_is_refused),
		cmocka_unit_test(require_leaves_an_offset_without_fprobe_too),
		cmocka_unit_test(require_fails_what_is_eligible_only),
	};

	return RUN_ISOLATED("kprobe-refused", tests);
}
