// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* UPSHIFT_KPROBES=on: what goes to kprobe_multi links, and how. */
#include "kprobe_tool.h"

#include <errno.h>
#include <linux/perf_event.h>

#include "config.h"
#include "fdtable.h"
#include "kernel.h"

static const struct tool_kprobe entry = { .function = FAKE_FUNCTION };
static const struct tool_kprobe at_return = { .function = FAKE_FUNCTION, .retprobe = true };

static void off_by_default(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(open_kprobe(&entry));

	assert_int_equal(fake_kind_of(event), FAKE_PERF);
	assert_false(fdtable_has(event));
	expect_fd(tool_link(event, prog, 0));
	expect_kprobe(false);
}

static void link_create_makes_a_multi_link(void **state)
{
	(void)state;
	int prog = start_with_kprobes(&fake_linux_6_18);
	int event = expect_fd(open_kprobe(&entry));

	assert_int_equal(fake_kind_of(event), FAKE_PATH);
	assert_true(fake_fd_is_cloexec(event));
	expect_probes(0, 0);
	int link = expect_fd(tool_link(event, prog, 7));

	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_ENABLE, 0), 0);
	expect_kprobe(true);
	assert_int_equal(only_probe().cookie, 7);
	assert_false(only_probe().retprobe);
	assert_int_equal(fake_calls_of(SYS_perf_event_open, -1), 0);
	assert_int_equal(tool_close(event), 0);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
}

static void set_bpf_makes_the_fd_a_multi_link(void **state)
{
	(void)state;
	int prog = start_with_kprobes(&fake_linux_6_18);
	int event = expect_fd(open_kprobe(&at_return));

	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_int_equal(fake_kind_of(event), FAKE_LINK);
	assert_true(only_probe().retprobe);
	expect_kprobe(true);
	assert_int_equal(tool_set_bpf(event, prog), -EEXIST);
	assert_int_equal(tool_close(event), 0);
	expect_probes(0, 0);
}

static void a_hidden_address_is_left_to_the_kernel(void **state)
{
	(void)state;
	int prog = start_with_kprobes(&fake_linux_6_18);

	fake_list_functions(false);
	expect_fd(attach_kprobe(&entry, prog, 3));
	expect_kprobe(true);
	assert_int_equal(only_probe().cookie, 3);
}

static void the_symbols_are_read_for_kprobes_only(void **state)
{
	unsigned int opened;

	(void)state;
	int prog = start_with_kprobes(&fake_linux_6_18);

	expect_fd(tool_attach_link(0x100, prog, 0));
	fake_forget_calls();
	expect_fd(attach_kprobe(&entry, prog, 0));
	opened = fake_calls_of(SYS_openat, -1);
	fake_forget_calls();
	expect_fd(attach_kprobe(&at_return, prog, 0));
	assert_true(fake_calls_of(SYS_openat, -1) < opened);
}

/** The tool runs kernel functions itself: it would count its own hits after the close. */
static void a_close_waits(void **state)
{
	(void)state;
	int prog = start_with_kprobes(&fake_linux_6_18);
	int event = expect_fd(open_kprobe(&entry)), link = expect_fd(tool_link(event, prog, 0));

	tool_close(event);
	tool_close(link);
	expect_probes(0, 0);
	assert_int_equal(fake_threads(), 0);
}

/* ---- the variants of one program ----------------------------------------------------------------- */

static long load_in_section(const char *section, enum tool_behaviour behaviour)
{
	const struct load_hint hint = { .program = "probe",
					.section = section,
					.wish = SECTION_KPROBE_MULTI };
	const struct tool_program program = tool_simple(behaviour);

	return tool_load_with_hint(&program, &hint);
}

static void an_eligible_section_is_loaded_for_a_multi_link(void **state)
{
	(void)state;
	start_with_kprobes(&fake_linux_6_18);
	int prog = expect_fd(load_in_section("kprobe/" FAKE_FUNCTION, RETURN_0));

	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_KPROBE_MULTI);
	fake_forget_calls();
	expect_fd(attach_kprobe(&entry, prog, 0));
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_PROG_LOAD), 0);
	assert_int_equal(only_probe().prog_id, fake_id_of(prog));
	expect_kprobe(true);
}

static void a_section_whose_program_cannot_go_is_loaded_as_it_is(void **state)
{
	(void)state;
	start_with_kprobes(&fake_linux_6_18);
	assert_int_equal(fake_attach_type_of(expect_fd(load_in_section("kprobe", OVERRIDE_RETURN))), 0);
	assert_int_equal(fake_attach_type_of(expect_fd(load_in_section("kretprobe", TAIL_CALL))), 0);
}

/** funclatency has kprobe sections only, and decides after the load what it traces. */
static void one_program_on_both_kinds(void **state)
{
	(void)state;
	start_with_kprobes(&fake_linux_6_18);
	int prog = expect_fd(load_in_section("kprobe/dummy_kprobe", RETURN_0));
	int link = expect_fd(tool_attach_link(0x100, prog, 0));

	assert_int_equal(only_probe().attach_type, UAPI_BPF_TRACE_UPROBE_MULTI);
	expect_probe(true, 0x100);
	tool_close(link);
	expect_fd(attach_kprobe(&entry, prog, 0));
	expect_kprobe(true);
}

/** Natively: a program that was loaded for perf events. */
static void a_link_of_the_tools_own_is_refused(void **state)
{
	const char *const symbols[] = { FAKE_FUNCTION };
	struct uapi_link_create attr = { .attach_type = UAPI_BPF_TRACE_KPROBE_MULTI,
					 .kprobe_multi = { .syms = ptr_to_u64(symbols), .cnt = 1 } };

	(void)state;
	start_with_kprobes(&fake_linux_6_18);
	attr.prog_fd = (uint32_t)expect_fd(load_in_section("kprobe", RETURN_0));
	assert_int_equal(tool_bpf(BPF_LINK_CREATE, &attr, sizeof(attr)), -EINVAL);
	expect_probes(0, 0);
}

static void a_single_section_needs_no_symbols(void **state)
{
	const struct load_hint hint = { .program = "probe",
					.section = "kprobe.single/x",
					.wish = SECTION_PERF };
	const struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&fake_linux_6_18);
	expect_fd(tool_load_hinted(RETURN_0));
	fake_forget_calls();
	expect_fd(tool_load_with_hint(&program, &hint));
	assert_int_equal(fake_calls_of(SYS_openat, -1), 0);
}

/** R1 */
static void a_perf_event_gets_the_single_variant(void **state)
{
	const struct tool_kprobe inside = { .function = FAKE_FUNCTION, .offset = 4 };

	(void)state;
	start_with_kprobes(&fake_linux_6_18);
	int prog = expect_fd(load_in_section("kprobe", RETURN_0));

	assert_int_equal(tool_set_bpf(expect_fd(open_kprobe(&inside)), prog), 0);
	assert_int_equal(only_probe().attach_type, 0);
	assert_int_equal(tool_set_bpf(expect_fd(tool_open_tracepoint()), prog), 0);
	expect_fd(attach_kprobe(&inside, prog, 0));
	expect_safe();
}

/** R1, of a program whose load was not seen. */
static void an_unseen_multi_program_reaches_no_perf_event(void **state)
{
	(void)state;
	start_with_kprobes(&fake_linux_6_18);
	int prog = expect_fd(tool_load_unseen(RETURN_0, UAPI_BPF_TRACE_KPROBE_MULTI));

	assert_int_equal(tool_set_bpf(expect_fd(open_kprobe_of(FAKE_FUNCTION)), prog), -EINVAL);
	assert_int_equal(tool_set_bpf(expect_fd(tool_open_tracepoint()), prog), -EINVAL);
	expect_safe();
}

/* ---- going native --------------------------------------------------------------------------------- */

static void what_only_a_perf_event_can_serve(void **state)
{
	(void)state;
	int prog = start_with_kprobes(&fake_linux_6_18);
	int event = expect_fd(open_kprobe(&at_return));

	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_ENABLE, 0), 0);
	assert_int_equal(fake_kind_of(event), FAKE_PERF);
	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_true(only_probe().retprobe);
	expect_kprobe(false);
}

static void going_native_takes_one_event(void **state)
{
	(void)state;
	int prog = start_with_kprobes(&fake_linux_6_18);

	fake_features.multi_errno = ENOMEM;
	expect_fd(attach_kprobe(&entry, prog, 0));
	assert_int_equal(fake_calls_of(SYS_perf_event_open, -1), 1);
}

static void with_no_fd_left_too(void **state)
{
	(void)state;
	int prog = start_with_kprobes(&fake_linux_6_18);
	int event = expect_fd(open_kprobe(&entry));

	fake_features.multi_errno = ENOMEM;
	fake_fix_limit();
	fake_spare_fds(0);
	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_ENABLE, 0), 0);
	assert_int_equal(fake_kind_of(event), FAKE_PERF);
	assert_int_equal(tool_set_bpf(event, prog), 0);
	expect_kprobe(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_by_default),
		cmocka_unit_test(link_create_makes_a_multi_link),
		cmocka_unit_test(set_bpf_makes_the_fd_a_multi_link),
		cmocka_unit_test(a_hidden_address_is_left_to_the_kernel),
		cmocka_unit_test(the_symbols_are_read_for_kprobes_only),
		cmocka_unit_test(a_close_waits),
		cmocka_unit_test(a_link_of_the_tools_own_is_refused),
		cmocka_unit_test(a_single_section_needs_no_symbols),
		cmocka_unit_test(going_native_takes_one_event),
		cmocka_unit_test(an_eligible_section_is_loaded_for_a_multi_link),
		cmocka_unit_test(a_section_whose_program_cannot_go_is_loaded_as_it_is),
		cmocka_unit_test(one_program_on_both_kinds),
		cmocka_unit_test(a_perf_event_gets_the_single_variant),
		cmocka_unit_test(an_unseen_multi_program_reaches_no_perf_event),
		cmocka_unit_test(what_only_a_perf_event_can_serve),
		cmocka_unit_test(with_no_fd_left_too),
	};

	return RUN_ISOLATED("kprobe", tests);
}
