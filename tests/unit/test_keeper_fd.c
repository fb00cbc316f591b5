// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The keeper's own fd: the tool may close it, take its number, or need it; and those that cannot have one. */
#include "detach_tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "keeper.h"
#include "kernel.h"

static int keepers_fd(void)
{
	for (int fd = 0; fd < 1 << 16; fd++)
		if (fake_kind_of(fd) == FAKE_MOUNT)
			return fd;
	return -1;
}

/* ---- its fd -------------------------------------------------------------------------------------- */

/** A daemon's loop over all fds, while it goes on. */
static void a_tool_that_closes_it_has_plain_links(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	sys_close(keepers_fd());
	expect_probe(true, 1);
	assert_in_range(closing_takes(link), PAST_US, MOMENT_US);
	assert_true(none_counts());
	/* and the next one is kept again */
	link_at(2);
	assert_int_equal(fake_pins(), 1);
	assert_int_equal(fake_kill().closed_by_process, 0);
}

static void it_is_made_anew_a_few_times(void **state)
{
	int made = 0;

	(void)state;
	start_detaching(DETACH_AUTO);
	for (int i = 0; i < 20; i++) {
		link_at(0);
		if (keepers_fd() < 0)
			break;
		made++;
		sys_close(keepers_fd());
	}
	assert_int_equal(made, 8);
	assert_in_range(closing_takes(link_at(1)), PAST_US, MOMENT_US);
}

/** Neither pinned into nor closed. */
static void a_number_that_is_the_tools_now_is_left_alone(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int first = link_at(1), second = link_at(2), fd = keepers_fd();

	fake_features.unlink_errno = EPERM;
	assert_int_equal(sys_dup3(1, fd, 0), fd);
	engine_in_child();
	assert_true(fake_fd_is_open(fd));
	assert_int_equal(tool_close(first), 0);
	expect_probe(true, 2);
	fake_features.fsopen_errno = EPERM;
	link_at(3);
	assert_int_equal(fake_kind_of(fd), FAKE_STDIO);
	assert_int_equal(tool_close(second), 0);
	expect_probe(true, 3);
}

/** Another mount of the same kind, of the tool's own. */
static void nor_is_another_directory_taken_for_it(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int first = link_at(1), fd = keepers_fd();
	int own = expect_fd(kernel_call(SYS_fsopen, (long)"bpf", 0, 0, 0, 0, 0));

	own = expect_fd(kernel_call(SYS_fsmount, own, 0, 0, 0, 0, 0));
	assert_int_equal(sys_dup3(own, fd, 0), fd);
	assert_int_equal(fake_pins(), 0);
	fake_features.fsopen_errno = EPERM;
	link_at(2);
	assert_int_equal(fake_pins(), 0);
	assert_int_equal(tool_close(first), 0);
	assert_true(fake_fd_is_open(fd));
}

static void it_gives_way_to_the_tool(void **state)
{
	int links = 0;

	(void)state;
	start_detaching(DETACH_AUTO);
	fake_limit_fds(64);
	fake_fix_limit();
	link_at(0);
	assert_in_range(keepers_fd(), 55, 63);
	while (tool_attach_link(0, prog, 0) >= 0)
		links++;
	assert_int_equal(keepers_fd(), -1);
	assert_int_equal(links, (64 - 3 - 1 - 1) / 2); /* as many as without */
	assert_string_equal(keeper_missing(), "its file descriptor was in the tool's way");
	expect_safe();
}

/** By then it may be the tool's number. */
static void it_gives_way_with_what_is_its_own(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	fake_limit_fds(64);
	link_at(0);
	const int fd = keepers_fd();

	assert_int_equal(sys_dup3(1, fd, 0), fd);
	while (expect_fd(tool_dup(1)) < fd - 4)
		;
	link_at(1);
	assert_int_equal(fake_kind_of(fd), FAKE_STDIO);
}

static void with_few_fds_there_is_none(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	for (int i = 0; i < 20; i++)
		expect_fd(tool_dup(1));
	fake_limit_fds(40);
	fake_fix_limit();
	const int before = fake_open_fds();
	int link = link_at(0);

	assert_int_equal(fake_fds_of(FAKE_MOUNT), 0);
	assert_int_equal(fake_open_fds(), before + 1);
	assert_in_range(closing_takes(link), PAST_US, MOMENT_US);
}

/* ---- who has none -------------------------------------------------------------------------------- */

struct missing_case {
	const char *why;
	int fsopen_errno, fs_create_errno, by_id_errno;
	bool seccomp, late_unpin, no_pin_by_fd;
};

static void one_without(void **state)
{
	const struct missing_case *c = *state;
	int link;

	start_detaching(DETACH_AUTO);
	fake_features.late_unpin = c->late_unpin;
	fake_features.pin_by_fd = !c->no_pin_by_fd;
	fake_features.fsopen_errno = c->fsopen_errno;
	fake_features.fs_create_errno = c->fs_create_errno;
	fake_features.by_id_errno = c->by_id_errno;
	if (c->seccomp) {
		fake_remove_file("/proc/thread-self/status");
		fake_add_file("/proc/thread-self/status", "Name:\ttool\nSeccomp:\t2\n");
	}
	link = link_at(1);
	if (!keeper_missing() || !strstr(keeper_missing(), c->why))
		fail_msg("it is missing for another reason: %s", keeper_missing());
	assert_int_equal(fake_fds_of(FAKE_MOUNT) + fake_fds_of(FAKE_FSCONTEXT) + fake_fds_of(FAKE_MAP), 0);
	assert_int_equal(fake_calls_of(SYS_fsopen, -1), !c->seccomp);
	link_at(2);
	assert_int_equal(fake_calls_of(SYS_fsopen, -1), !c->seccomp); /* asked once */
	assert_in_range(closing_takes(link), PAST_US, MOMENT_US);
	expect_probe(true, 2);
}

static int without_in_a_process(void *arg)
{
	const struct CMUnitTest test = { "without", one_without, NULL, NULL, arg };

	return _cmocka_run_group_tests("without", &test, 1, NULL, NULL);
}

static void without_one_all_is_as_before(void **state)
{
	const struct missing_case cases[] = {
		{ .why = "CAP_SYS_ADMIN", .fsopen_errno = EPERM },
		{ .why = "CAP_SYS_ADMIN", .fs_create_errno = EPERM },
		{ .why = "seccomp", .seccomp = true },
		{ .why = "before Linux 6.11", .late_unpin = true },
		{ .why = "before Linux 6.11", .no_pin_by_fd = true },
		{ .why = "before Linux 6.11", .by_id_errno = EPERM },
	};
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct missing_case c = cases[i];

		if (in_child(without_in_a_process, &c)) {
			fprintf(stderr, "so it is in case %zu, %s\n", i, c.why);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tool_that_closes_it_has_plain_links),
		cmocka_unit_test(it_is_made_anew_a_few_times),
		cmocka_unit_test(a_number_that_is_the_tools_now_is_left_alone),
		cmocka_unit_test(nor_is_another_directory_taken_for_it),
		cmocka_unit_test(it_gives_way_to_the_tool),
		cmocka_unit_test(it_gives_way_with_what_is_its_own),
		cmocka_unit_test(with_few_fds_there_is_none),
		cmocka_unit_test(without_one_all_is_as_before),
	};

	return RUN_ISOLATED("keeper-fd", tests);
}
