// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Links that are closed by threads of upshift's: which closes hand them over, and to how many threads. */
#include "detach_tool.h"

#include <errno.h>

#include "engine.h"
#include "fdtable.h"
#include "kernel.h"
#include "thread.h"

/* ---- the close ----------------------------------------------------------------------------------- */

static void close_returns_before_the_detach(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int before = fake_open_fds(), link = link_at(0x10);

	assert_int_equal(tool_close(link), 0);
	assert_int_equal(fake_threads(), 1);
	expect_probe(true, 0x10);
	fake_run_threads();
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
}

static void the_number_is_free_at_once(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(0);

	assert_int_equal(tool_close(link), 0);
	assert_int_equal(tool_close(link), -EBADF);
	assert_int_equal(sys_fcntl(1, F_DUPFD_CLOEXEC, link), link);
	assert_false(fdtable_has(link));
	fake_run_threads();
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
	assert_int_equal(tool_close(event), 0);
	expect_probes(1, 0);
	fake_run_threads();
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
}

static void only_the_last_copys_close_detaches(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(0), copy = expect_fd(tool_dup(link));

	assert_int_equal(tool_close(link), 0);
	assert_int_equal(fake_threads(), 0);
	assert_int_equal(fake_kind_of(copy), FAKE_LINK);
	assert_int_equal(tool_close(copy), 0);
	assert_int_equal(fake_threads(), 1);
	fake_run_threads();
	expect_probes(0, 0);
}

/** The event's fd does not hold the link. */
static void an_events_close_detaches_nothing(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int event = expect_fd(tool_open_at(0)), link = expect_fd(tool_link(event, prog, 0));

	assert_int_equal(tool_close(event), 0);
	assert_int_equal(fake_threads(), 0);
	expect_probes(1, 0);
	assert_int_equal(tool_close(link), 0);
	assert_int_equal(fake_threads(), 1);
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

/* ---- the threads --------------------------------------------------------------------------------- */

static void without_threads_the_close_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int before = fake_open_fds(), first = link_at(1), second = link_at(2);

	fake_limit_threads(0);
	assert_int_equal(tool_close(first), 0);
	expect_probe(true, 2);
	assert_int_equal(atomic_load(&detach_pending), 0);
	/* and they may be there again */
	fake_limit_threads(1);
	assert_int_equal(tool_close(second), 0);
	expect_probe(true, 2);
	fake_run_threads();
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
}

/** What could not be handed over once, can be with its next link. */
static void the_next_link_of_an_event_is_handed_over(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int event = expect_fd(tool_open_at(0));

	fake_limit_threads(0);
	assert_int_equal(tool_close(expect_fd(tool_link(event, prog, 0))), 0);
	expect_probes(0, 0);
	fake_limit_threads(1);
	assert_int_equal(tool_close(expect_fd(tool_link(event, prog, 0))), 0);
	expect_probes(1, 0);
	assert_int_equal(fake_threads(), 1);
}

static void with_few_threads_they_go_on(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int before = fake_open_fds(), links[8];

	for (int i = 0; i < 8; i++)
		links[i] = link_at((uint64_t)i);
	fake_limit_threads(2);
	for (int i = 0; i < 8; i++)
		assert_int_equal(tool_close(links[i]), 0);
	assert_int_equal(fake_threads(), 2);
	expect_probes(8, 0);
	fake_run_threads();
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
}

static void never_more_threads_than_so_many(void **state)
{
	static int links[DETACH_THREADS + 10];

	(void)state;
	start_detaching(DETACH_AUTO);
	fake_limit_fds(4096);
	int before = fake_open_fds();

	for (int i = 0; i < DETACH_THREADS + 10; i++)
		links[i] = link_at(0);
	for (int i = 0; i < DETACH_THREADS + 10; i++)
		assert_int_equal(tool_close(links[i]), 0);
	assert_int_equal(fake_threads(), DETACH_THREADS);
	engine_settle();
	assert_int_equal(fake_probes(NULL, 0), 0);
	assert_int_equal(fake_open_fds(), before);
	/* They count as gone then, all of them. */
	tool_close(link_at(0));
	assert_int_equal(fake_threads(), DETACH_THREADS + 1);
	engine_settle();
	fake_limit_threads(0);
	tool_close(link_at(0));
	expect_probes(0, 0);
}

/** Whoever was there has closed the link and gone before it turns out that nobody else can be had. */
static int done_meanwhile(thread_fn fn)
{
	(void)fn;
	fake_run_threads();
	return -EAGAIN;
}

static void a_link_that_was_closed_meanwhile_is_closed_once(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int before = fake_open_fds(), first = link_at(1), second = link_at(2), third = link_at(3);

	tool_close(first);
	int (*const next_thread)(thread_fn fn) = thread_start;

	thread_start = done_meanwhile;
	fake_forget_calls();
	assert_int_equal(tool_close(second), 0);
	expect_probe(true, 3);
	/* the tool's fd, one private fd each, and the one that showed where the tool's end */
	assert_int_equal(fake_calls_of(SYS_close, -1), 4);
	thread_start = next_thread;
	tool_close(third);
	engine_settle();
	expect_probes(0, 0);
	assert_int_equal(atomic_load(&detach_pending), 0);
	assert_int_equal(fake_open_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(close_returns_before_the_detach),
		cmocka_unit_test(the_number_is_free_at_once),
		cmocka_unit_test(an_event_that_became_a_link),
		cmocka_unit_test(only_the_last_copys_close_detaches),
		cmocka_unit_test(an_events_close_detaches_nothing),
		cmocka_unit_test(perf_events_are_closed_as_ever),
		cmocka_unit_test(without_threads_the_close_waits),
		cmocka_unit_test(the_next_link_of_an_event_is_handed_over),
		cmocka_unit_test(with_few_threads_they_go_on),
		cmocka_unit_test(never_more_threads_than_so_many),
		cmocka_unit_test(a_link_that_was_closed_meanwhile_is_closed_once),
	};

	return RUN_ISOLATED("detach", tests);
}
