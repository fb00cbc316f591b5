// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What a close of a link promises: when it returns no hit counts, and it does not wait for more. */
#include "detach_tool.h"

#include <errno.h>
#include <stdio.h>

#include "engine.h"
#include "fdtable.h"
#include "kernel.h"

/* ---- when it returns ----------------------------------------------------------------------------- */

enum { EXACT, IN_FULL };

struct close_case {
	const char *name;
	const struct fake_features *features;
	int stack_errno, wchan_errno;
	unsigned int probes;
	const char *proc_self; /* of another pid namespace's /proc */
	int wanted;
};

static void one_close(void **state)
{
	const struct close_case *c = *state;

	start_detaching_on(c->features, DETACH_AUTO);
	fake_features.stack_errno = c->stack_errno;
	fake_features.wchan_errno = c->wchan_errno;
	if (c->proc_self)
		fake_add_file("/proc/self", c->proc_self);
	const int before = fake_open_fds(), link = c->probes > 1 ? link_of_many(c->probes) : link_at(0x10);
	const uint64_t took = closing_takes(link);

	expect_probes(0, 0);
	if (c->wanted == EXACT && (took > MOMENT_US || all_is_detached()))
		fail_msg("it waits for more than it has to: %u us", (unsigned int)took);
	if (c->wanted == IN_FULL && (took < GRACE_US || !all_is_detached()))
		fail_msg("it is not waited for: %u us", (unsigned int)took);
	assert_in_range(took, PAST_US, 2 * GRACE_US);
	assert_int_equal(fake_open_fds(), before);
	fake_sleep_ms(100);
	assert_true(all_is_detached());
	assert_int_equal(fake_closes().direct, 1);
}

static int close_in_a_process(void *arg)
{
	const struct CMUnitTest test = { "close", one_close, NULL, NULL, arg };

	return _cmocka_run_group_tests("close", &test, 1, NULL, NULL);
}

static void a_close_returns_when_it_is_past(void **state)
{
	const struct close_case cases[] = {
		{ "stack", &fake_linux_6_18, 0, 0, 1, NULL, EXACT },
		{ "stack, many", &fake_linux_6_18, 0, 0, 3, NULL, EXACT },
		{ "stack, SRCU", &fake_linux_7_2, 0, 0, 1, NULL, EXACT },
		{ "stack, SRCU, many", &fake_linux_7_2, 0, 0, 3, NULL, EXACT },
		{ "stack only", &fake_linux_6_18, 0, ENOENT, 1, NULL, EXACT },
		{ "name", &fake_linux_6_18, EACCES, 0, 1, NULL, EXACT },
		{ "name, SRCU", &fake_linux_7_2, EACCES, 0, 1, NULL, EXACT },
		/* the first one's wait says nothing of the others */
		{ "name, many", &fake_linux_6_18, EACCES, 0, 3, NULL, IN_FULL },
		{ "name, SRCU, many", &fake_linux_7_2, EACCES, 0, 2, NULL, IN_FULL },
		{ "neither", &fake_linux_6_18, EACCES, EACCES, 1, NULL, IN_FULL },
		{ "no /proc", &fake_linux_6_18, ENOENT, ENOENT, 1, NULL, IN_FULL },
		{ "neither, many", &fake_linux_6_18, EACCES, EACCES, 4, NULL, IN_FULL },
		{ "another namespace's /proc", &fake_linux_6_18, 0, 0, 1, "1", IN_FULL },
	};
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct close_case c = cases[i];

		if (in_child(close_in_a_process, &c)) {
			fprintf(stderr, "so it is with: %s\n", c.name);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/** Before 6.12 there is no grace period; a busy machine is slow to run the closer. */
static void whatever_the_kernel_takes(void **state)
{
	static const struct fake_detach_times times[] = {
		{ .begin_us = 10, .first_us = 5, .grace_us = 0 },
		{ .begin_us = 5000, .first_us = 50, .grace_us = GRACE_US },
		{ .begin_us = 35, .first_us = 20000, .grace_us = GRACE_US },
	};

	(void)state;
	start_detaching(DETACH_AUTO);
	for (size_t i = 0; i < TEST_CNT(times); i++) {
		const unsigned int past_us = times[i].begin_us + times[i].first_us;

		fake_time_detaches(&times[i]);
		assert_in_range(closing_takes(link_at(0)), past_us, past_us + 2 * MOMENT_US);
		assert_true(none_counts());
	}
}

/* ---- what it does to fds ------------------------------------------------------------------------- */

static void the_number_is_free_at_once(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(0);

	assert_int_equal(tool_close(link), 0);
	assert_false(fdtable_has(link));
	assert_int_equal(tool_close(link), -EBADF);
	assert_int_equal(sys_fcntl(1, F_DUPFD_CLOEXEC, link), link);
	fake_sleep_ms(100);
	assert_true(fake_fd_is_open(link));
	assert_int_equal(tool_close(link), 0);
}

/** PERF_EVENT_IOC_SET_BPF: the event's fd is the link. */
static void an_event_that_became_a_link(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int before = fake_open_fds(), event = expect_fd(tool_open_at(0));

	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_in_range(closing_takes(event), PAST_US, MOMENT_US);
	assert_true(none_counts() && !all_is_detached());
	assert_int_equal(fake_open_fds(), before);
}

static void only_the_last_copys_close_detaches(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(0), copy = expect_fd(tool_dup(link));

	assert_int_equal(closing_takes(link), 0);
	expect_probes(1, 0);
	assert_int_equal(fake_kind_of(copy), FAKE_LINK);
	assert_in_range(closing_takes(copy), PAST_US, MOMENT_US);
	expect_probes(0, 0);
}

/** The event's fd does not hold the link. */
static void an_events_close_detaches_nothing(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int event = expect_fd(tool_open_at(0)), link = expect_fd(tool_link(event, prog, 0));

	assert_int_equal(closing_takes(event), 0);
	expect_probes(1, 0);
	assert_in_range(closing_takes(link), PAST_US, MOMENT_US);
}

static void perf_events_are_closed_as_ever(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	fake_features.multi_errno = EINVAL;
	int event = expect_fd(tool_open_at(0)), link = expect_fd(tool_link(event, prog, 0));

	expect_probes(0, 1);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
	assert_int_equal(fake_threads(), 0);
}

/* ---- UPSHIFT_DETACH ------------------------------------------------------------------------------ */

static void sync_waits_in_full(void **state)
{
	(void)state;
	start_detaching(DETACH_SYNC);
	assert_in_range(closing_takes(link_at(0)), GRACE_US, 2 * GRACE_US);
	assert_true(all_is_detached());
	assert_int_equal(fake_threads(), 0);
}

/** The close comes first, so it is not the last; a worker of the kernel's does the rest, without a thread. */
static void async_waits_for_nothing(void **state)
{
	(void)state;
	start_detaching(DETACH_ASYNC);
	assert_int_equal(closing_takes(link_at(0)), 0);
	assert_int_equal(fake_threads(), 0);
	fake_sleep_ms(100);
	assert_true(all_is_detached());
	assert_int_equal(fake_closes().direct, 0);
	assert_int_equal(fake_closes().by_workers, 1);
}

static void async_without_a_keeper_has_a_closer(void **state)
{
	(void)state;
	start_detaching(DETACH_ASYNC);
	config.keep = false;
	assert_in_range(closing_takes(link_at(0)), 0, MOMENT_US);
	fake_sleep_ms(100);
	assert_true(all_is_detached());
}

/* ---- closers ------------------------------------------------------------------------------------- */

static void without_threads_the_close_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int before = fake_open_fds(), first = link_at(1), second = link_at(2);

	fake_limit_threads(0);
	assert_in_range(closing_takes(first), GRACE_US, 2 * GRACE_US);
	expect_probe(true, 2);
	assert_int_equal(atomic_load(&stats_detaching), 0);
	/* and they may be there again */
	fake_limit_threads(1);
	assert_in_range(closing_takes(second), PAST_US, MOMENT_US);
	fake_sleep_ms(100);
	assert_true(all_is_detached());
	assert_int_equal(fake_open_fds(), before);
	assert_int_equal(fake_closes().direct, 2);
}

/** What could not be handed over once, can be with its next link. */
static void the_next_link_of_an_event_is_handed_over(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int event = expect_fd(tool_open_at(0));

	fake_limit_threads(0);
	assert_int_equal(tool_close(expect_fd(tool_link(event, prog, 0))), 0);
	fake_limit_threads(1);
	assert_in_range(closing_takes(expect_fd(tool_link(event, prog, 0))), PAST_US, MOMENT_US);
	expect_probes(0, 0);
}

/** One after the other is waited for until it is past, and all of them together for their grace periods. */
static void many_closes_wait_together(void **state)
{
	int links[64];

	(void)state;
	start_detaching(DETACH_AUTO);
	for (int i = 0; i < 64; i++)
		links[i] = link_at((uint64_t)i);
	const uint64_t start = fake_now_us();

	for (int i = 0; i < 64; i++) {
		assert_int_equal(tool_close(links[i]), 0);
		expect_probes(63 - (unsigned int)i, 0);
	}
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	assert_true(all_is_detached());
	assert_in_range(fake_now_us() - start, GRACE_US, 2 * GRACE_US);
}

/** At most so many, and whoever comes then waits for one of them. */
static void never_more_closers_than_there_may_be(void **state)
{
	static int links[CLOSERS + 88];

	(void)state;
	start_detaching(DETACH_AUTO);
	fake_limit_fds(4096);
	fake_time_detaches(&(struct fake_detach_times){ .begin_us = 1, .first_us = 1, .grace_us = 500000 });
	for (int i = 0; i < CLOSERS + 88; i++)
		links[i] = link_at(0);
	for (int i = 0; i < CLOSERS + 88; i++)
		assert_int_equal(tool_close(links[i]), 0);
	assert_true(none_counts());
	assert_int_equal(fake_threads(), CLOSERS + 88);
	assert_int_equal(fake_most_threads(), CLOSERS);
	detach_wait(CLOSERS_OF_ALL);
	assert_true(all_is_detached());
	assert_int_equal(atomic_load(&stats_detaching), 0);
}

static void no_more_than_the_process_can_bear(void **state)
{
	int links[30];

	(void)state;
	start_detaching(DETACH_AUTO);
	fake_add_file("/proc/self/cgroup", "0::/tool\n");
	fake_add_file("/sys/fs/cgroup/tool/pids.max", "50\n");
	fake_add_file("/sys/fs/cgroup/tool/pids.current", "10\n");
	for (int i = 0; i < 30; i++)
		links[i] = link_at(0);
	const uint64_t start = fake_now_us();

	for (int i = 0; i < 30; i++)
		assert_int_equal(tool_close(links[i]), 0);
	assert_true(none_counts());
	assert_int_equal(fake_most_threads(), 10);
	detach_wait(CLOSERS_OF_ALL);
	assert_in_range(fake_now_us() - start, 3 * GRACE_US, 4 * GRACE_US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_close_returns_when_it_is_past),
		cmocka_unit_test(whatever_the_kernel_takes),
		cmocka_unit_test(the_number_is_free_at_once),
		cmocka_unit_test(an_event_that_became_a_link),
		cmocka_unit_test(only_the_last_copys_close_detaches),
		cmocka_unit_test(an_events_close_detaches_nothing),
		cmocka_unit_test(perf_events_are_closed_as_ever),
		cmocka_unit_test(sync_waits_in_full),
		cmocka_unit_test(async_waits_for_nothing),
		cmocka_unit_test(async_without_a_keeper_has_a_closer),
		cmocka_unit_test(without_threads_the_close_waits),
		cmocka_unit_test(the_next_link_of_an_event_is_handed_over),
		cmocka_unit_test(many_closes_wait_together),
		cmocka_unit_test(never_more_closers_than_there_may_be),
		cmocka_unit_test(no_more_than_the_process_can_bear),
	};

	return RUN_ISOLATED("detach", tests);
}
