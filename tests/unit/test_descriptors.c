// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copies of fds, fds closed in ways that upshift does not see, and numbers that come back as something else.
 */
#include "tool.h"

#include <errno.h>
#include <linux/perf_event.h>

#include "engine.h"
#include "fdtable.h"
#include "kernel.h"

/* ---- copies -------------------------------------------------------------------------------------- */

static void a_copy_can_be_attached_to(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0x10));
	int copy = expect_fd(tool_fcntl(event, F_DUPFD_CLOEXEC, 3));

	/* as libbpf moves an fd below 3 */
	assert_int_equal(tool_close(event), 0);
	expect_fd(tool_link(copy, prog, 0));
	expect_probe(true, 0x10);
}

static void copies_become_the_link_together(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));
	int copy = expect_fd(tool_dup(event)), third = expect_fd(tool_dup3(copy, 100, O_CLOEXEC));

	assert_int_equal(tool_set_bpf(copy, prog), 0);
	assert_int_equal(fake_kind_of(event), FAKE_LINK);
	assert_true(fake_same_object(event, copy) && fake_same_object(event, third));
	assert_true(fake_fd_is_cloexec(event) && !fake_fd_is_cloexec(copy) && fake_fd_is_cloexec(third));
	tool_close(event);
	tool_close(copy);
	expect_probes(1, 0);
	tool_close(third);
	expect_probes(0, 0);
}

static void copies_go_native_together(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_features.multi_errno = EINVAL;
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0)), copy = expect_fd(tool_dup(event));

	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_int_equal(fake_kind_of(copy), FAKE_PERF);
	assert_true(fake_same_object(event, copy));
	assert_int_equal(tool_set_bpf(copy, prog), -EEXIST);
	tool_close(event);
	expect_probes(0, 1);
	tool_close(copy);
	expect_probes(0, 0);
}

static void a_link_lives_as_long_as_its_last_copy(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));
	int link = expect_fd(tool_link(event, prog, 0)), copy = expect_fd(tool_dup(link));

	tool_close(link);
	assert_int_equal(tool_link(event, prog, 0), -EEXIST);
	tool_close(copy);
	expect_fd(tool_link(event, prog, 0));
}

static void a_copy_onto_an_uprobe_ends_that_one(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int first = expect_fd(tool_open_at(1)), second = expect_fd(tool_open_at(2));

	assert_int_equal(tool_dup3(second, first, 0), first);
	assert_int_equal(tool_set_bpf(first, prog), 0);
	expect_probe(true, 2);
	assert_int_equal(tool_dup3(1, second, 0), second);
	assert_false(fdtable_has(second));
}

/* ---- closed without our seeing it ---------------------------------------------------------------- */

static void a_closed_range_is_forgotten(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int first = expect_fd(tool_open_at(1)), second = expect_fd(tool_open_at(2)),
	    third = expect_fd(tool_open_at(3));

	assert_int_equal(tool_close_range((unsigned int)second, ~0u), 0);
	assert_true(fdtable_has(first));
	assert_false(fdtable_has(second) || fdtable_has(third));
}

static void a_number_that_is_a_file_now_is_left_alone(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));
	int link = expect_fd(tool_link(event, prog, 0));

	sys_close(event);
	sys_close(link);
	assert_int_equal(sys_open(FAKE_TARGET, O_RDONLY), event);
	assert_int_equal(sys_dup3(expect_fd(sys_open(FAKE_OTHER_TARGET, O_PATH)), link, 0), link);
	assert_int_equal(tool_set_bpf(event, prog), -ENOTTY);
	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_ENABLE, 0), -ENOTTY);
	assert_int_equal(tool_link(link, prog, 0), -EBADF);
	assert_int_equal(tool_fcntl(link, F_GETFL, 0), O_PATH);
	assert_int_equal(tool_close(event), 0);
	assert_int_equal(tool_close(link), 0);
	assert_int_equal(tool_close(link), -EBADF);
	expect_probes(0, 0);
}

/** An O_PATH fd of the tool's own, on another file, under the number of a pending uprobe. */
static void a_number_that_is_another_path_now_is_left_alone(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));

	sys_close(event);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_PATH), event);
	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_ENABLE, 0), -EBADF);
	assert_int_equal(tool_link(event, prog, 0), -EBADF);
	assert_int_equal(fake_kind_of(event), FAKE_PATH);
	expect_probes(0, 0);
}

static void a_number_that_is_another_link_now_is_left_alone(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int first = expect_fd(tool_open_at(1)), second = expect_fd(tool_open_at(2));

	assert_int_equal(tool_set_bpf(first, prog), 0);
	assert_int_equal(tool_set_bpf(second, prog), 0);
	/* as dup2() inside libc would */
	assert_int_equal(sys_dup3(second, first, 0), first);
	assert_int_equal(tool_ioctl(first, PERF_EVENT_IOC_ENABLE, 0), -ENOTTY);
	assert_int_equal(tool_ioctl(second, PERF_EVENT_IOC_ENABLE, 0), 0);
	expect_probe(true, 2);
}

static void a_number_that_is_a_new_uprobe_is_that_uprobe(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(1));

	expect_fd(tool_link(event, prog, 0));
	sys_close(event);
	assert_int_equal(tool_open_at(2), event);
	expect_fd(tool_link(event, prog, 0));
	expect_probes(2, 0);
}

/** A copy was closed unseen, and its number is a file of the tool now: that must survive what becomes of the
 * event. */
static void a_copy_that_is_a_file_now(int multi_errno)
{
	tool_start(&fake_linux_6_18);
	fake_features.multi_errno = multi_errno;
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0)), copy = expect_fd(tool_dup(event));

	sys_close(copy);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), copy);
	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_int_equal(fake_kind_of(copy), FAKE_FILE);
	only_probe();
	assert_int_equal(tool_close(event), 0);
	expect_probes(0, 0);
}

static void a_copy_that_is_a_file_now_does_not_become_the_link(void **state)
{
	(void)state;
	a_copy_that_is_a_file_now(0);
}

static void a_copy_that_is_a_file_now_does_not_become_the_event(void **state)
{
	(void)state;
	a_copy_that_is_a_file_now(EINVAL);
}

static void new_fds_of_bpf_drop_what_was_known_of_their_number(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(1));

	sys_close(event);
	assert_int_equal(tool_create_map(BPF_MAP_TYPE_ARRAY), event);
	assert_false(fdtable_has(event));
	tool_close(event);
	assert_int_equal(tool_open_at(1), event);
	sys_close(event);
	assert_int_equal(tool_load_simple(RETURN_0), event);
	assert_false(fdtable_has(event));
	tool_close(event);
	assert_int_equal(tool_open_at(1), event);
	sys_close(event);
	assert_int_equal(tool_open_tracepoint(), event);
	assert_false(fdtable_has(event));
}

static void a_program_is_known_by_more_than_its_fd(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int copy = expect_fd(sys_fcntl(prog, F_DUPFD_CLOEXEC, 50));

	tool_close(prog);
	assert_int_equal(tool_load_simple(OVERRIDE_RETURN), prog);
	expect_fd(tool_attach_link(0, copy, 0));
	expect_probes(1, 0);
	expect_safe();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_can_be_attached_to),
		cmocka_unit_test(copies_become_the_link_together),
		cmocka_unit_test(copies_go_native_together),
		cmocka_unit_test(a_link_lives_as_long_as_its_last_copy),
		cmocka_unit_test(a_copy_onto_an_uprobe_ends_that_one),
		cmocka_unit_test(a_closed_range_is_forgotten),
		cmocka_unit_test(a_number_that_is_a_file_now_is_left_alone),
		cmocka_unit_test(a_number_that_is_another_path_now_is_left_alone),
		cmocka_unit_test(a_number_that_is_another_link_now_is_left_alone),
		cmocka_unit_test(a_number_that_is_a_new_uprobe_is_that_uprobe),
		cmocka_unit_test(a_copy_that_is_a_file_now_does_not_become_the_link),
		cmocka_unit_test(a_copy_that_is_a_file_now_does_not_become_the_event),
		cmocka_unit_test(new_fds_of_bpf_drop_what_was_known_of_their_number),
		cmocka_unit_test(a_program_is_known_by_more_than_its_fd),
	};

	return RUN_ISOLATED("descriptors", tests);
}
