// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The private fds of links on their way to be closed: where they are, and what they leave to the tool. */
#include "detach_tool.h"

#include <sys/resource.h>

#include "fdtable.h"
#include "kernel.h"

static void take_fds_to(int last)
{
	while (expect_fd(sys_open(FAKE_TARGET, O_RDONLY)) < last)
		;
}

/** The only fd of a link that there is, which is not the tool's. */
static int private_fd(void)
{
	int found = -1;

	for (int fd = 0; fd < (1 << 16) + 1000; fd++) {
		if (fake_kind_of(fd) != FAKE_LINK)
			continue;
		assert_int_equal(found, -1);
		found = fd;
	}
	assert_false(fdtable_has(found));
	return found;
}

static struct rlimit limit(void)
{
	struct rlimit now;

	assert_int_equal(kernel_call(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, (long)&now, 0, 0), 0);
	return now;
}

static void a_private_fd_is_far_from_the_tools(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	const struct rlimit before = limit();
	int link = link_at(0);

	tool_close(link);
	int fd = private_fd();

	assert_true(fd >= (int)before.rlim_cur * 3 / 4 && fake_fd_is_cloexec(fd));
	assert_int_equal(limit().rlim_cur, before.rlim_cur);
	assert_int_equal(limit().rlim_max, before.rlim_max);
}

/** It takes nothing from a tool that has used up all it may have. */
static void nothing_is_needed_below_the_limit(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(0);

	take_fds_to(10);
	fake_spare_fds(0);
	int fds = fake_fd_limit();

	assert_int_equal(tool_close(link), 0);
	assert_true(private_fd() >= fds);
	assert_int_equal(fake_fd_limit(), fds);
	assert_int_equal(sys_open(FAKE_TARGET, O_RDONLY), link);
}

static void a_high_limit_is_not_raised(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	fake_limit_fds((1 << 16) + 1);
	int link = link_at(0);

	fake_forget_calls();
	tool_close(link);
	assert_int_equal(private_fd(), 1 << 16);
	assert_int_equal(fake_calls_of(SYS_prlimit64, -1), 1);
}

static void where_there_is_no_beyond_the_last_quarter(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	fake_limit_fds(64);
	fake_fix_limit();
	int link = link_at(0);

	take_fds_to(30);
	tool_close(link);
	assert_in_range(private_fd(), 48, 63);
	assert_true(fake_fd_is_cloexec(private_fd()));
}

static void nor_a_half_unused_the_close_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	fake_limit_fds(64);
	fake_fix_limit();
	int link = link_at(0);

	take_fds_to(31);
	int before = fake_open_fds();

	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
	assert_int_equal(fake_threads(), 0);
	assert_int_equal(fake_open_fds(), before - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_private_fd_is_far_from_the_tools),
		cmocka_unit_test(nothing_is_needed_below_the_limit),
		cmocka_unit_test(a_high_limit_is_not_raised),
		cmocka_unit_test(where_there_is_no_beyond_the_last_quarter),
		cmocka_unit_test(nor_a_half_unused_the_close_waits),
	};

	return RUN_ISOLATED("detach-fds", tests);
}
