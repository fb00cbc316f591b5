// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Links that are closed by dup2() and dup3() over them, by close_range() and by closefrom(). */
#include "detach_tool.h"

#include <errno.h>

#include "engine.h"
#include "fdtable.h"
#include "kernel.h"

static void a_copy_over_a_link_detaches_it(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	assert_int_equal(tool_dup3(1, link, 0), link);
	assert_true(all_is_detached());
	assert_int_equal(fake_kind_of(link), FAKE_STDIO);
	assert_false(fdtable_has(link));
	assert_int_equal(fake_closes().direct, 1);
	assert_int_equal(tool_close(link), 0);
}

static void a_copy_over_one_of_two_copies_does_not(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1), copy = expect_fd(tool_dup(link));

	assert_int_equal(tool_dup3(1, link, 0), link);
	expect_probes(1, 0);
	assert_int_equal(fake_pins(), 1);
	assert_in_range(closing_takes(copy), PAST_US, MOMENT_US);
}

/** Onto each other: the one that is overwritten goes. */
static void a_link_over_a_link(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int first = link_at(1), second = link_at(2);

	assert_int_equal(tool_dup3(second, first, 0), first);
	expect_probe(true, 2);
	assert_int_equal(fake_count(FAKE_LINK), 1);
	assert_int_equal(tool_close(second), 0);
	expect_probe(true, 2);
	assert_in_range(closing_takes(first), PAST_US, MOMENT_US);
	expect_probes(0, 0);
}

/** All at once, not one after the other; none of them is left when the call returns. */
static void a_range_is_detached_together(void **state)
{
	int links[8];

	(void)state;
	start_detaching(DETACH_AUTO);
	for (int i = 0; i < 8; i++)
		links[i] = link_at((uint64_t)i);
	const uint64_t start = fake_now_us();

	assert_int_equal(tool_close_range((unsigned int)links[1], (unsigned int)links[6]), 0);
	expect_probes(2, 0);
	assert_int_equal(fake_count(FAKE_LINK), 2);
	assert_in_range(fake_now_us() - start, GRACE_US, 2 * GRACE_US);
	assert_int_equal(fake_closes().direct, 6);
	assert_int_equal(fake_closes().by_workers, 0);
	assert_false(fdtable_has(links[1]) || fdtable_has(links[6]));
	assert_int_equal(tool_close(links[0]), 0);
	assert_int_equal(tool_close(links[7]), 0);
	expect_probes(0, 0);
}

static void copies_in_a_range(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1), copy = expect_fd(tool_fcntl(link, F_DUPFD_CLOEXEC, link)),
	    outside = link_at(2);
	int far = expect_fd(tool_fcntl(outside, F_DUPFD_CLOEXEC, 200));

	assert_int_equal(tool_close_range((unsigned int)link, (unsigned int)outside), 0);
	expect_probe(true, 2);
	assert_int_equal(fake_count(FAKE_LINK), 1);
	assert_false(fdtable_has(link) || fdtable_has(copy));
	assert_in_range(closing_takes(far), PAST_US, MOMENT_US);
	expect_probes(0, 0);
}

static void a_range_without_threads(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int links[] = { link_at(1), link_at(2), link_at(3) };

	fake_limit_threads(1);
	assert_int_equal(tool_close_range((unsigned int)links[0], (unsigned int)links[2]), 0);
	assert_true(all_is_detached());
	assert_int_equal(fake_closes().direct, 3);
}

static void perf_events_in_a_range(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	fake_features.multi_errno = EINVAL;
	int link = link_at(1);

	assert_int_equal(tool_close_range((unsigned int)link, (unsigned int)link), 0);
	expect_probes(0, 0);
	assert_int_equal(fake_threads(), 0);
}

/** The keeper's fd is among them. */
static void everything_is_closed(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	link_at(1);
	link_at(2);
	assert_int_equal(tool_close_range(3, UINT32_MAX), 0);
	assert_true(all_is_detached());
	assert_int_equal(fake_fds_of(FAKE_MOUNT), 0);
	prog = expect_fd(tool_load_simple(RETURN_0));
	assert_in_range(closing_takes(link_at(3)), PAST_US, MOMENT_US);
}

/** CLOSE_RANGE_UNSHARE, which other threads do not see: afterwards it is looked at what is there. */
static void what_a_silent_call_closed(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int first = link_at(1), second = link_at(2);

	sys_close(first);
	expect_probes(2, 0);
	engine_look_again();
	fake_sleep_ms(100);
	expect_probe(true, 2);
	assert_false(fdtable_has(first));
	assert_true(fdtable_has(second));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_over_a_link_detaches_it),
		cmocka_unit_test(a_copy_over_one_of_two_copies_does_not),
		cmocka_unit_test(a_link_over_a_link),
		cmocka_unit_test(a_range_is_detached_together),
		cmocka_unit_test(copies_in_a_range),
		cmocka_unit_test(a_range_without_threads),
		cmocka_unit_test(perf_events_in_a_range),
		cmocka_unit_test(everything_is_closed),
		cmocka_unit_test(what_a_silent_call_closed),
	};

	return RUN_ISOLATED("detach-fds", tests);
}
