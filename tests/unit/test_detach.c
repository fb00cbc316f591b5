// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Links that are closed by threads of upshift's: what it takes for that, and what is left of it. */
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "config.h"
#include "detach.h"
#include "engine.h"
#include "fdtable.h"
#include "kernel.h"
#include "thread.h"

static int prog;

/** From here on nothing is detached by a thread before somebody waits for it. */
static void start(void)
{
	prog = tool_start_with_program(&fake_linux_6_18);
	fake_hold_threads();
}

static int link_at(uint64_t offset)
{
	const struct tool_uprobe uprobe = { .offset = offset };

	return tool_only_link(&uprobe, prog);
}

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

/* ---- the close ----------------------------------------------------------------------------------- */

static void close_returns_before_the_detach(void **state)
{
	(void)state;
	start();
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
	start();
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
	start();
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
	start();
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
	start();
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
	start();
	fake_features.multi_errno = EINVAL;
	int event = expect_fd(tool_open_at(0)), link = expect_fd(tool_link(event, prog, 0));

	expect_probes(0, 1);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
	assert_int_equal(fake_threads(), 0);
}

/* ---- the private fd ------------------------------------------------------------------------------ */

static void a_private_fd_is_far_from_the_tools(void **state)
{
	(void)state;
	start();
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
	start();
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
	start();
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
	start();
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
	start();
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

/* ---- the threads --------------------------------------------------------------------------------- */

static void without_threads_the_close_waits(void **state)
{
	(void)state;
	start();
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
	start();
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
	start();
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
	start();
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
	start();
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

/* ---- the report ---------------------------------------------------------------------------------- */

static unsigned int lines_of(const char *event)
{
	const char *at = fake_file_content("/report");
	unsigned int cnt = 0;

	for (; (at = strstr(at, event)); at++)
		cnt++;
	return cnt;
}

#define DETACHES "\"event\":\"detach\""

static void a_line_for_each_detach(void **state)
{
	(void)state;
	start();
	config.report = "/report";
	int first = link_at(0x123), second = link_at(0);

	tool_close(first);
	tool_close(second);
	assert_int_equal(lines_of(DETACHES), 0);
	engine_settle();
	assert_int_equal(lines_of(DETACHES), 2);
	assert_int_equal(lines_of(DETACHES ",\"command\""), 2);
	assert_int_equal(lines_of("\"target\":\"" FAKE_TARGET "\",\"offset\":291,"), 2); /* and the attach */
	engine_exit();
	assert_int_equal(lines_of("\"detaches\":2"), 1);
}

static void with_its_duration(void **state)
{
	(void)state;
	start();
	config.report = "/report";
	tool_close(link_at(0));
	engine_settle();
	assert_int_equal(lines_of("\"duration_us\""), 1);
	fake_limit_threads(0);
	tool_close(link_at(0));
	assert_int_equal(lines_of("\"duration_us\""), 2);
}

static void complete_at_exit(void **state)
{
	(void)state;
	start();
	config.report = "/report";
	int closed = link_at(1);

	link_at(2);
	link_at(3);
	tool_close(closed);
	engine_exit();
	assert_int_equal(lines_of(DETACHES), 3);
	assert_int_equal(lines_of("\"detaches\":3"), 1);
}

/** Nobody has to wait for it any more, but for the line. */
static void a_detach_that_nobody_waited_for_is_reported_too(enum detach_mode mode)
{
	start();
	config.report = "/report";
	config.detach = mode;
	int link = link_at(1);

	tool_close(link);
	fake_run_threads();
	/* before the line of a new attach, maybe to the same event */
	expect_fd(tool_attach_link(2, prog, 0));
	assert_int_equal(lines_of(DETACHES), 1);
	assert_true(strstr(fake_file_content("/report"), DETACHES) <
		    strstr(fake_file_content("/report"), "\"offset\":2,"));
}

static void a_detach_long_ago_is_reported_in_time(void **state)
{
	(void)state;
	a_detach_that_nobody_waited_for_is_reported_too(DETACH_AUTO);
}

static void so_is_one_that_is_not_waited_for(void **state)
{
	(void)state;
	a_detach_that_nobody_waited_for_is_reported_too(DETACH_ASYNC);
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
		cmocka_unit_test(a_private_fd_is_far_from_the_tools),
		cmocka_unit_test(nothing_is_needed_below_the_limit),
		cmocka_unit_test(a_high_limit_is_not_raised),
		cmocka_unit_test(where_there_is_no_beyond_the_last_quarter),
		cmocka_unit_test(nor_a_half_unused_the_close_waits),
		cmocka_unit_test(without_threads_the_close_waits),
		cmocka_unit_test(the_next_link_of_an_event_is_handed_over),
		cmocka_unit_test(with_few_threads_they_go_on),
		cmocka_unit_test(never_more_threads_than_so_many),
		cmocka_unit_test(a_link_that_was_closed_meanwhile_is_closed_once),
		cmocka_unit_test(a_line_for_each_detach),
		cmocka_unit_test(with_its_duration),
		cmocka_unit_test(complete_at_exit),
		cmocka_unit_test(a_detach_long_ago_is_reported_in_time),
		cmocka_unit_test(so_is_one_that_is_not_waited_for),
	};

	return RUN_ISOLATED("detach", tests);
}
