// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * R3: programs that tail-call each other are of one expected attach type. Newer kernels refuse anything else,
 * older ones would run it.
 */
#include "tool.h"

#include <errno.h>
#include <sys/syscall.h>

#include "bpf.h"
#include "engine.h"

/** An older kernel, whose multi links are good otherwise: here a mistake would run. */
static struct fake_features unchecked(void)
{
	struct fake_features features = fake_linux_6_18;

	features.prog_array_checked = false;
	return features;
}

static long load_caller(int map_fd)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, map_fd),
		INSN(0, 0, 0, 0, 0),
		INSN_CALL(BPF_FUNC_tail_call),
		INSN_MOV64_IMM(BPF_REG_0, 0),
		INSN_EXIT(),
	};
	const struct tool_program program = { .name = "caller", .insns = insns, .insn_cnt = 5 };

	return tool_load(&program);
}

/** A caller, a callee and the array between them; the callee's load was announced as eligible. */
static void tail_calls_of_a_hinted_callee(const struct fake_features *features)
{
	tool_start(features);
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_PROG_ARRAY));
	int caller = expect_fd(load_caller(map)), callee = expect_fd(tool_load_hinted(RETURN_0));

	assert_int_equal(tool_put_into_map(map, 0, callee), 0);
	assert_int_equal(tool_put_into_map(map, 1, callee), 0);
	assert_int_equal(tool_put_into_map(map, 2, caller), 0);
	expect_safe();
	/* Both stay on the perf path. */
	expect_fd(tool_attach_link(0, caller, 0));
	expect_fd(tool_attach_link(0, callee, 0));
	expect_probes(0, 2);
	expect_safe();
}

/** The array came from elsewhere: that it is one can only be seen when the program is put into it. */
static void put_into_an_array_from_elsewhere(const struct fake_features *features)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_PROG_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 4
	};

	tool_start(features);
	int map = expect_fd(sys_bpf(BPF_MAP_CREATE, &attr, BPF_ATTR_END(union bpf_attr, max_entries)));
	int caller = expect_fd(load_caller(map)), callee = expect_fd(tool_load_hinted(RETURN_0));

	assert_int_equal(tool_put_into_map(map, 0, caller), 0);
	assert_int_equal(tool_put_into_map(map, 1, callee), 0);
	expect_safe();
}

static void an_array_from_elsewhere(void **state)
{
	(void)state;
	put_into_an_array_from_elsewhere(&fake_linux_6_18);
}

static void an_array_from_elsewhere_on_an_older_kernel(void **state)
{
	const struct fake_features features = unchecked();

	(void)state;
	put_into_an_array_from_elsewhere(&features);
}

static void a_hinted_callee_is_put_in_as_single(void **state)
{
	(void)state;
	tail_calls_of_a_hinted_callee(&fake_linux_6_18);
}

static void a_hinted_callee_is_put_in_as_single_on_an_older_kernel(void **state)
{
	const struct fake_features features = unchecked();

	(void)state;
	tail_calls_of_a_hinted_callee(&features);
}

/** What the kernel refuses for a reason of its own is asked for once only. */
static void a_refused_update_of_another_map(void **state)
{
	const union bpf_attr attr = { .map_fd = 999 };

	(void)state;
	tool_start(&fake_linux_6_18);
	expect_fd(tool_load_hinted(RETURN_0));
	fake_fail_bpf(BPF_MAP_UPDATE_ELEM, 1, EINVAL);
	fake_forget_calls();
	assert_int_equal(tool_bpf(BPF_MAP_UPDATE_ELEM, &attr, BPF_ATTR_END(union bpf_attr, flags)), -EINVAL);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_MAP_UPDATE_ELEM), 1);
}

static void a_caller_is_never_upgraded(void **state)
{
	const struct fake_features features = unchecked();

	(void)state;
	tool_start(&features);
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_PROG_ARRAY));
	int caller = expect_fd(load_caller(map)), callee = expect_fd(tool_load_simple(RETURN_0));

	assert_int_equal(tool_put_into_map(map, 0, callee), 0);
	expect_fd(tool_attach_link(0, caller, 0));
	assert_int_equal(tool_attach_ioctl(0, caller), 0);
	expect_probes(0, 2);
	expect_safe();
}

static void a_callee_stays_on_perf(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_PROG_ARRAY));
	int callee = expect_fd(tool_load_simple(RETURN_0));

	assert_int_equal(tool_put_into_map(map, 0, callee), 0);
	expect_fd(tool_attach_link(0, callee, 0));
	expect_probes(0, 1);
}

/** The libbpf layer sees the array before anything is put into it: all of the object's programs stay on perf.
 */
static void programs_of_an_object_with_tail_calls_stay_together(void **state)
{
	const struct load_hint hint = {
		.program = "probe", .section = "uprobe", .wish = SECTION_MULTI, .has_prog_array = true
	};
	const struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&fake_linux_6_18);
	int hinted = expect_fd(tool_load_with_hint(&program, &hint)),
	    described = expect_fd(tool_load(&program));

	engine_describe(described, &hint);
	assert_int_equal(fake_attach_type_of(hinted), 0);
	expect_fd(tool_attach_link(0, hinted, 0));
	assert_int_equal(tool_attach_ioctl(0, described), 0);
	expect_probes(0, 2);
}

static void other_maps_are_no_tail_calls(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_HASH)), prog = expect_fd(tool_load_hinted(RETURN_0));

	/* The value happens to be the number of a program's fd. */
	assert_int_equal(tool_put_into_map(map, 0, prog), 0);
	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(1, 0);
}

static void the_kernel_answers_what_is_no_program(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_PROG_ARRAY));

	expect_fd(tool_load_hinted(RETURN_0));
	assert_int_equal(tool_put_into_map(map, 0, 1), -EBADF);
	assert_int_equal(tool_put_into_map(map, 99, map), -E2BIG);
	assert_int_equal(tool_put_into_map(999, 0, map), -EBADF);
}

/** What the tool wants in its map is what the kernel shall judge. */
static void a_multi_program_of_the_tools_own_is_put_in_as_it_is(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&fake_linux_6_18);
	program.expected_attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_PROG_ARRAY)), prog = expect_fd(tool_load(&program));

	assert_int_equal(tool_put_into_map(map, 0, prog), 0);
	assert_int_equal(tool_put_into_map(map, 1, expect_fd(tool_load_simple(RETURN_0))), -EINVAL);
}

static void no_fd_is_left_behind(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_PROG_ARRAY)),
	    prog = expect_fd(tool_load_hinted(RETURN_0));
	int before = fake_open_fds();

	assert_int_equal(tool_put_into_map(map, 0, prog), 0);
	assert_int_equal(tool_put_into_map(map, 99, prog), -E2BIG);
	assert_int_equal(fake_open_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_update_of_another_map),
		cmocka_unit_test(an_array_from_elsewhere),
		cmocka_unit_test(an_array_from_elsewhere_on_an_older_kernel),
		cmocka_unit_test(a_hinted_callee_is_put_in_as_single),
		cmocka_unit_test(a_hinted_callee_is_put_in_as_single_on_an_older_kernel),
		cmocka_unit_test(a_caller_is_never_upgraded),
		cmocka_unit_test(a_callee_stays_on_perf),
		cmocka_unit_test(programs_of_an_object_with_tail_calls_stay_together),
		cmocka_unit_test(other_maps_are_no_tail_calls),
		cmocka_unit_test(the_kernel_answers_what_is_no_program),
		cmocka_unit_test(a_multi_program_of_the_tools_own_is_put_in_as_it_is),
		cmocka_unit_test(no_fd_is_left_behind),
	};

	return RUN_ISOLATED("prog array", tests);
}
