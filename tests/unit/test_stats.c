// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* UPSHIFT_STATS, and what a user at a terminal is told. */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "config.h"
#include "detach.h"
#include "engine.h"
#include "kernel.h"
#include "report.h"
#include "stats.h"

static void expect_attached(long multi, long perf)
{
	detach_wait(CLOSERS_OF_ALL);
	assert_int_equal(report_attached(REPORT_MULTI), multi);
	assert_int_equal(report_attached(REPORT_PERF), perf);
}

/** Two on links, one on a perf event, and the program of all three. */
static int attach_three(int links[3])
{
	const int prog = tool_start_with_program(&fake_linux_6_18);

	links[0] = tool_only_link(&(struct tool_uprobe){ .offset = 0x10 }, prog);
	links[1] = tool_only_link(&(struct tool_uprobe){ .offset = 0x20 }, prog);
	fake_refuse(0x30, EACCES, 0);
	links[2] = tool_only_link(&(struct tool_uprobe){ .offset = 0x30 }, prog);
	return prog;
}

static void what_is_attached_is_counted(void **state)
{
	int links[3];

	(void)state;
	attach_three(links);
	expect_attached(2, 1);
	tool_close(links[0]);
	expect_attached(1, 1);
	tool_close(links[2]);
	expect_attached(1, 0);
}

static void what_was_closed_unseen_is_not_attached(void **state)
{
	int links[3], prog = attach_three(links);

	(void)state;
	kernel_call(SYS_dup3, 2, links[0], O_CLOEXEC, 0, 0, 0);
	tool_close(links[0]);
	expect_attached(1, 1);
	tool_close_range(3, 1000);
	expect_attached(0, 0);
	(void)prog;
}

static void the_reasons_are_told(void **state)
{
	unsigned long cnt;
	int links[3];

	(void)state;
	attach_three(links);
	assert_non_null(strstr(report_reason(0, &cnt), "the kernel refused the multi link: EACCES"));
	assert_int_equal(cnt, 1);
	assert_null(report_reason(1, &cnt));
	assert_null(report_reason(1000, &cnt));
}

static void a_signal_prints_it(void **state)
{
	int links[3];

	(void)state;
	attach_three(links);
	config.stats = STATS_SIGNAL;
	stats_start();
	errno = ENOTTY;
	raise(SIGUSR1);
	assert_int_equal(errno, ENOTTY);
	assert_non_null(strstr(fake_stderr(), "3 probes attached: 2 on multi links, 1 on perf events"));
	assert_non_null(strstr(fake_stderr(), "1 not upgraded: the kernel refused"));
}

static volatile sig_atomic_t seen;

static void tools_own(int number)
{
	seen = number;
}

static void the_tools_own_handler_stays(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	signal(SIGUSR1, tools_own);
	config.stats = STATS_SIGNAL;
	stats_start();
	raise(SIGUSR1);
	assert_int_equal(seen, SIGUSR1);
	assert_string_equal(fake_stderr(), "");
}

static void unasked_there_is_no_handler(void **state)
{
	struct sigaction action;

	(void)state;
	tool_start(&fake_linux_6_18);
	sigaction(SIGUSR1, NULL, &action);
	assert_true(action.sa_handler == SIG_DFL);
}

/* ---- at a terminal ------------------------------------------------------------------------------- */

static void long_detaches(void)
{
	stats_still_detaching(7, 3000000000);
	for (int i = 0; i < 100; i++)
		stats_native_detach(100000000);
}

static void a_terminal_is_told_what_takes_long(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_be_at_a_terminal();
	stats_start();
	long_detaches();
	assert_non_null(strstr(fake_stderr(), "waiting for the kernel to detach 7 links, for 3 s now"));
	assert_non_null(strstr(fake_stderr(), "1 s spent so far"));
	assert_non_null(strstr(fake_stderr(), "8 s spent so far"));
	assert_null(strstr(fake_stderr(), "9 s spent so far")); /* not each of them is a line */
}

static void nobody_else_is(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	long_detaches();
	assert_string_equal(fake_stderr(), "");
}

static void an_exit_with_many_perf_events(void **state)
{
	int prog;

	(void)state;
	prog = tool_start_with_program(&fake_linux_6_1);
	fake_be_at_a_terminal();
	stats_start();
	for (uint64_t offset = 0; offset < 9; offset++)
		expect_fd(tool_attach_link(offset, prog, 0));
	stats_exit();
	assert_string_equal(fake_stderr(), "");
	expect_fd(tool_attach_link(10, prog, 0));
	stats_exit();
	assert_non_null(strstr(fake_stderr(), "10 probes are on perf events"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_attached_is_counted),
		cmocka_unit_test(what_was_closed_unseen_is_not_attached),
		cmocka_unit_test(the_reasons_are_told),
		cmocka_unit_test(a_signal_prints_it),
		cmocka_unit_test(the_tools_own_handler_stays),
		cmocka_unit_test(unasked_there_is_no_handler),
		cmocka_unit_test(a_terminal_is_told_what_takes_long),
		cmocka_unit_test(nobody_else_is),
		cmocka_unit_test(an_exit_with_many_perf_events),
	};

	return RUN_ISOLATED("stats", tests);
}
