// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The upgrade as it should go: BPF_LINK_CREATE and PERF_EVENT_IOC_SET_BPF on a kernel that can do everything.
 */
#include "tool.h"

#include <errno.h>
#include <linux/perf_event.h>

#include "fdtable.h"
#include "kernel.h"

static void a_pending_uprobe_attaches_nothing(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0x100));

	assert_int_equal(fake_kind_of(event), FAKE_PATH);
	assert_true(fake_fd_is_cloexec(event));
	assert_int_equal(fake_calls_of(SYS_perf_event_open, -1), 0);
	expect_probes(0, 0);
	assert_int_equal(tool_close(event), 0);
	assert_false(fdtable_has(event));
}

static void link_create_makes_a_multi_link(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0x100));
	int link = expect_fd(tool_link(event, prog, 0));

	assert_int_equal(fake_kind_of(link), FAKE_LINK);
	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_ENABLE, 0), 0);
	expect_probe(true, 0x100);
	assert_int_equal(only_probe().pid, 0);
	assert_false(only_probe().retprobe);
	assert_string_equal(only_probe().path, FAKE_TARGET);
	expect_safe();
}

static void the_tool_keeps_its_own_program(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	uint32_t id = fake_id_of(prog);

	expect_fd(tool_attach_link(0, prog, 0));
	assert_int_equal(fake_id_of(prog), id);
	assert_int_equal(fake_attach_type_of(prog), 0);
	assert_int_equal(only_probe().attach_type, UAPI_BPF_TRACE_UPROBE_MULTI);
}

static void set_bpf_makes_the_fd_a_multi_link(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0x200));
	int before = fake_open_fds();

	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_ENABLE, 0), 0);
	assert_int_equal(fake_kind_of(event), FAKE_LINK);
	assert_true(fake_fd_is_cloexec(event));
	assert_int_equal(fake_open_fds(), before);
	expect_probe(true, 0x200);
	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_DISABLE, 0), 0);
	assert_int_equal(tool_close(event), 0);
	expect_probes(0, 0);
	expect_safe();
}

static void closing_the_link_detaches(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int before = fake_open_fds();
	int event = expect_fd(tool_open_at(0));
	int link = expect_fd(tool_link(event, prog, 0));

	/* in libbpf's order */
	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_DISABLE, 0), 0);
	assert_int_equal(tool_close(event), 0);
	expect_probes(1, 0);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
	assert_false(fdtable_has(event) || fdtable_has(link));
	assert_int_equal(fake_open_fds(), before);
	/* The variant that upshift loaded goes with the link. */
	assert_int_equal(fake_count(FAKE_PROG), 1);
}

static void cookie_ref_ctr_and_retprobe_are_carried_over(void **state)
{
	const struct tool_uprobe uprobe = { .offset = 0x300, .ref_ctr_offset = 0x1002, .retprobe = true };

	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	expect_fd(tool_link(expect_fd(tool_open_uprobe(&uprobe)), prog, 0x1122334455667788));
	expect_probe(true, 0x300);
	assert_int_equal(only_probe().cookie, 0x1122334455667788);
	assert_int_equal(only_probe().ref_ctr_offset, 0x1002);
	assert_true(only_probe().retprobe);
	expect_safe();
}

static void close_on_exec_stays_as_the_tool_asked(void **state)
{
	const struct tool_uprobe uprobe = { .keep_on_exec = true };

	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_uprobe(&uprobe));

	assert_false(fake_fd_is_cloexec(event));
	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_false(fake_fd_is_cloexec(event));
}

static void one_variant_serves_many_links(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	for (unsigned int i = 0; i < 10; i++)
		expect_fd(tool_attach_link(i, prog, i));
	expect_probes(10, 0);
	assert_int_equal(fake_count(FAKE_PROG), 2);
}

static void the_same_place_twice_is_two_probes(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	expect_fd(tool_attach_link(0, prog, 1));
	expect_fd(tool_attach_link(0, prog, 2));
	expect_probes(2, 0);
}

static void a_second_program_is_refused(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0)), other = expect_fd(tool_open_at(1));

	expect_fd(tool_link(event, prog, 0));
	assert_int_equal(tool_link(event, prog, 0), -EEXIST);
	assert_int_equal(tool_set_bpf(event, prog), -EEXIST);
	assert_int_equal(tool_set_bpf(other, prog), 0);
	assert_int_equal(tool_set_bpf(other, prog), -EEXIST);
	assert_int_equal(tool_link(other, prog, 0), -EEXIST);
	expect_probes(2, 0);
}

static void an_event_can_be_attached_again_after_its_link(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0x10));
	int link = expect_fd(tool_link(event, prog, 7));

	tool_close(link);
	link = expect_fd(tool_link(event, prog, 8));
	expect_probe(true, 0x10);
	assert_int_equal(only_probe().cookie, 8);
	tool_close(link);
	assert_int_equal(tool_set_bpf(event, prog), 0);
	expect_probe(true, 0x10);
}

/** Someone else (a pin, another process) still holds the link that the tool has closed. */
static void a_link_that_others_hold_still_counts(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));
	int link = expect_fd(tool_link(event, prog, 0));

	expect_fd(sys_fcntl(link, F_DUPFD_CLOEXEC, 500));
	tool_close(link);
	assert_int_equal(tool_link(event, prog, 0), -EEXIST);
	expect_probes(1, 0);
}

/** Also R10: what a perf event would be refused for is no reason to refuse a link. */
static void a_link_needs_no_right_to_perf_events(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_features.perf_errno = EACCES;
	int prog = expect_fd(tool_load_simple(RETURN_0));

	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(1, 0);
}

static void the_file_is_the_one_that_was_opened(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));

	fake_replace_target(FAKE_TARGET);
	expect_fd(tool_link(event, prog, 0));
	assert_true(only_probe().replaced);
}

/* ---- one link of many offsets, as the libbpf layer asks for it ----------------------------------- */

static long attach_many(enum fake_kind *kind)
{
	static const uint64_t offsets[] = { 0x10, 0x20, 0x30 };
	const struct attach_hint hint = { .offsets = offsets, .cnt = 3 };
	struct tool_program program = tool_simple(RETURN_0);
	int prog, event;

	program.expected_attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	prog = expect_fd(tool_load(&program));
	hints_set_attach(&hint);
	event = expect_fd(tool_open_at(0x10));
	hints_set_attach(NULL);
	*kind = fake_kind_of(event);
	return tool_link(event, prog, 0);
}

static void many_offsets_become_one_link(void **state)
{
	struct fake_probe probes[3];
	enum fake_kind kind;

	(void)state;
	tool_start(&fake_linux_6_18);
	int link = expect_fd(attach_many(&kind));

	assert_int_equal(fake_probes(probes, 3), 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_true(probes[i].multi && probes[i].offset == 0x10 * (i + 1));
	assert_int_equal(fake_count(FAKE_LINK), 1);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
}

static void many_offsets_never_become_one_perf_probe(void **state)
{
	enum fake_kind kind;

	(void)state;
	tool_start(&fake_linux_6_18);
	fake_features.multi_errno = ENOMEM;
	assert_int_equal(attach_many(&kind), -ENOMEM);
	assert_int_equal(kind, FAKE_PATH);
	expect_probes(0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pending_uprobe_attaches_nothing),
		cmocka_unit_test(link_create_makes_a_multi_link),
		cmocka_unit_test(the_tool_keeps_its_own_program),
		cmocka_unit_test(set_bpf_makes_the_fd_a_multi_link),
		cmocka_unit_test(closing_the_link_detaches),
		cmocka_unit_test(cookie_ref_ctr_and_retprobe_are_carried_over),
		cmocka_unit_test(close_on_exec_stays_as_the_tool_asked),
		cmocka_unit_test(one_variant_serves_many_links),
		cmocka_unit_test(the_same_place_twice_is_two_probes),
		cmocka_unit_test(a_second_program_is_refused),
		cmocka_unit_test(an_event_can_be_attached_again_after_its_link),
		cmocka_unit_test(a_link_that_others_hold_still_counts),
		cmocka_unit_test(a_link_needs_no_right_to_perf_events),
		cmocka_unit_test(the_file_is_the_one_that_was_opened),
		cmocka_unit_test(many_offsets_become_one_link),
		cmocka_unit_test(many_offsets_never_become_one_perf_probe),
	};

	return RUN_ISOLATED("attach", tests);
}
