// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The rules that keep people's machines safe: R1 multi programs and perf events, R2 bpf_override_return, R4
 * returns. */
#include "tool.h"

#include <errno.h>

#include "engine.h"
#include "kernel.h"

/* ---- R1 ------------------------------------------------------------------------------------------ */

static void r1_a_perf_event_that_is_wanted(void **state)
{
	const struct attach_hint hint = { .keep_perf = "the caller set attach_mode" };

	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));

	hints_set_attach(&hint);
	int event = expect_fd(tool_open_at(0));

	assert_int_equal(fake_kind_of(event), FAKE_PERF);
	assert_int_equal(tool_set_bpf(event, prog), 0);
	hints_set_attach(NULL);
	assert_int_equal(only_probe().attach_type, 0);
	expect_probe(false, 0);
	expect_safe();
}

static void r1_a_perf_event_of_another_kind(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));
	int event = expect_fd(tool_open_tracepoint());

	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_int_equal(tool_set_bpf(event, prog), -EEXIST);
	expect_safe();
}

static void r1_an_upgrade_that_fails(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));

	fake_features.multi_errno = ENOMEM;
	assert_int_equal(tool_attach_ioctl(0, prog), 0);
	assert_int_equal(only_probe().attach_type, 0);
	expect_safe();
}

static void r1_a_copy_of_the_programs_fd(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));
	int copy = expect_fd(sys_fcntl(prog, F_DUPFD_CLOEXEC, 0));

	tool_close(prog);
	assert_int_equal(tool_set_bpf(expect_fd(tool_open_tracepoint()), copy), 0);
	expect_safe();
}

/** A perf link with a multi program is no danger, the kernel refuses it, but the tool would see that. */
static void r1_a_perf_link_gets_the_single_variant_too(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));

	expect_fd(tool_link(expect_fd(tool_open_tracepoint()), prog, 4));
	fake_features.multi_errno = ENOMEM;
	expect_fd(tool_attach_link(0, prog, 4));
	assert_int_equal(only_probe().cookie, 4);
	expect_safe();
}

/** Its owner chose the type: the attach may fail, but must not reach the kernel like this. */
static void r1_a_multi_program_of_the_tools_own(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&fake_linux_6_18);
	program.expected_attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	int prog = expect_fd(tool_load(&program));

	tool_attach_ioctl(0, prog);
	tool_set_bpf(expect_fd(tool_open_tracepoint()), prog);
	expect_safe();
}

/** Another process, with upshift as well, loaded and pinned it. */
static void r1_a_multi_program_from_elsewhere(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int prog = expect_fd(tool_load_unseen(RETURN_0, UAPI_BPF_TRACE_UPROBE_MULTI));

	tool_set_bpf(expect_fd(tool_open_tracepoint()), prog);
	fake_features.multi_errno = ENOMEM;
	tool_attach_ioctl(0, prog);
	expect_safe();
}

/** It was loaded for multi, and then the kernel would not say what it is: from then on it is a stranger. */
static void r1_a_load_that_could_not_be_remembered(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	expect_fd(tool_load_hinted(RETURN_0)); /* the kernel's features are known from here on */
	fake_fail_bpf(BPF_OBJ_GET_INFO_BY_FD, 1, ENOMEM);
	int prog = expect_fd(tool_load_hinted(RETURN_0));

	assert_true(fake_has_failed());
	assert_int_equal(tool_set_bpf(expect_fd(tool_open_tracepoint()), prog), 0);
	fake_features.multi_errno = ENOMEM;
	assert_int_equal(tool_attach_ioctl(0, prog), 0);
	expect_safe();
}

/** It is known, but at the attach the kernel will not say which it is. */
static void r1_a_program_that_cannot_be_recognised(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));
	int event = expect_fd(tool_open_tracepoint());

	fake_fail_bpf(BPF_OBJ_GET_INFO_BY_FD, 1, ENOMEM);
	tool_set_bpf(event, prog);
	expect_safe();
}

/** Nor will it say of which type it is. As there are multi programs in this process, it may be one of them.
 */
static void r1_a_program_of_which_nothing_can_be_known(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));
	int event = expect_fd(tool_open_tracepoint());

	fake_fail_bpf(BPF_OBJ_GET_INFO_BY_FD, 1, ENOMEM);
	fake_fail_too(2, EPERM);
	assert_true(tool_set_bpf(event, prog) < 0);
	expect_safe();
}

/** There the engine keeps its hands off, but the program is in that process's hands all the same. */
static void r1_a_vfork_child_is_held_back(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int single = expect_fd(tool_load_simple(RETURN_0));

	assert_false(engine_forbids_set_bpf(single));
	int multi = expect_fd(tool_load_hinted(RETURN_0));

	assert_true(engine_forbids_set_bpf(multi));
	assert_false(engine_forbids_set_bpf(single));
}

/* ---- R2 ------------------------------------------------------------------------------------------ */

static void r2_a_program_that_overrides_returns(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(OVERRIDE_RETURN));

	/* as the kernel answers on the perf path */
	assert_int_equal(tool_attach_link(0, prog, 0), -EINVAL);
	assert_int_equal(tool_attach_ioctl(0, prog), -EINVAL);
	prog = expect_fd(tool_load_hinted(OVERRIDE_RETURN));
	assert_int_equal(tool_attach_link(0, prog, 0), -EINVAL);
	expect_probes(0, 0);
	expect_safe();
}

/* ---- R4 ------------------------------------------------------------------------------------------ */

static void r4_returns_count_on_this_kernel(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_11);
	expect_fd(tool_attach_link(1, expect_fd(tool_load_simple(RETURN_1)), 0));
	expect_probe(false, 1);
	assert_int_equal(tool_attach_ioctl(2, expect_fd(tool_load_hinted(RETURN_1))), 0);
	expect_probes(0, 2);
	expect_fd(tool_attach_link(3, expect_fd(tool_load_simple(RETURN_0)), 0));
	expect_probes(1, 2);
	expect_safe();
}

static void r4_returns_are_ignored_on_this_kernel(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	expect_fd(tool_attach_link(1, expect_fd(tool_load_simple(RETURN_1)), 0));
	expect_probe(true, 1);
}

/* ---- R6 ------------------------------------------------------------------------------------------ */

static void r6_no_link_is_asked_for_without_fds_to_spare(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_11);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	for (int spare = 0; spare < 12; spare++) {
		int event = expect_fd(tool_open_at((uint64_t)spare));

		fake_spare_fds(spare);
		tool_link(event, prog, 0);
		fake_limit_fds(1024);
	}
	expect_safe();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r1_a_perf_event_that_is_wanted),
		cmocka_unit_test(r1_a_perf_event_of_another_kind),
		cmocka_unit_test(r1_an_upgrade_that_fails),
		cmocka_unit_test(r1_a_copy_of_the_programs_fd),
		cmocka_unit_test(r1_a_perf_link_gets_the_single_variant_too),
		cmocka_unit_test(r1_a_multi_program_of_the_tools_own),
		cmocka_unit_test(r1_a_multi_program_from_elsewhere),
		cmocka_unit_test(r1_a_load_that_could_not_be_remembered),
		cmocka_unit_test(r1_a_program_that_cannot_be_recognised),
		cmocka_unit_test(r1_a_program_of_which_nothing_can_be_known),
		cmocka_unit_test(r1_a_vfork_child_is_held_back),
		cmocka_unit_test(r2_a_program_that_overrides_returns),
		cmocka_unit_test(r4_returns_count_on_this_kernel),
		cmocka_unit_test(r4_returns_are_ignored_on_this_kernel),
		cmocka_unit_test(r6_no_link_is_asked_for_without_fds_to_spare),
	};

	return RUN_ISOLATED("rules", tests);
}
