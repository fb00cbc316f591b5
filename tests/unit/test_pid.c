// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* R5: perf's pid and the link's mean different things. */
#include "tool.h"

#include <errno.h>
#include <unistd.h>

#include "kernel.h"

enum { PROCESS = 30000, THREAD = 30001, LATER_PROCESS = 30002 };

/** The pid that the kernel was given for an uprobe that the tool wants for this one; multi or not. */
static int given_pid(pid_t pid, bool multi)
{
	const struct tool_uprobe uprobe = { .offset = 8, .pid = pid };
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int link = expect_fd(tool_link(expect_fd(tool_open_uprobe(&uprobe)), prog, 0));
	int given = only_probe().pid;

	expect_probe(multi, 8);
	assert_int_equal(tool_close(link), 0);
	return given;
}

static void every_form_on_a_link(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_add_task(PROCESS, PROCESS);
	fake_add_task(THREAD, PROCESS);
	assert_int_equal(given_pid(-1, true), 0);
	assert_int_equal(given_pid(TOOL_SELF, true), getpid());
	assert_int_equal(given_pid(getpid(), true), getpid());
	assert_int_equal(given_pid(PROCESS, true), PROCESS);
	/* A link would refuse a thread's id; a perf event takes it for its process. */
	assert_int_equal(given_pid(THREAD, true), PROCESS);
	expect_safe();
}

static void every_form_on_a_perf_event(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_features.multi_errno = EINVAL;
	fake_add_task(PROCESS, PROCESS);
	fake_add_task(THREAD, PROCESS);
	assert_int_equal(given_pid(-1, false), -1);
	assert_int_equal(given_pid(TOOL_SELF, false), 0);
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	assert_int_equal(given_pid(THREAD, false), THREAD);
	expect_safe();
}

/** A link would look at memory that is gone, and see nothing. */
static void a_process_without_its_first_thread_stays_on_perf(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_add_zombie(PROCESS, PROCESS);
	fake_add_task(THREAD, PROCESS);
	assert_int_equal(given_pid(THREAD, false), THREAD);
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	expect_safe();
}

static void a_kernel_that_filters_threads_gets_no_link(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_6);
	fake_add_task(PROCESS, PROCESS);
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	assert_int_equal(given_pid(TOOL_SELF, false), 0);
	assert_int_equal(given_pid(-1, false), -1);
	expect_safe();
}

/** Its numbers are those of other processes: only the kernel knows which process is meant. */
static void the_proc_of_another_pid_namespace_is_not_asked(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_add_task(PROCESS, PROCESS);
	fake_add_file("/proc/self", "1");
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	assert_int_equal(given_pid(TOOL_SELF, true), getpid());
	expect_safe();
}

static void without_procfs_the_kernel_is_asked(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_add_task(PROCESS, PROCESS);
	fake_remove_file("/proc/30000/status");
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	expect_safe();
}

static void a_process_that_is_not_there_is_the_kernels_to_miss(void **state)
{
	const struct tool_uprobe uprobe = { .pid = LATER_PROCESS };

	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	assert_int_equal(tool_open_uprobe(&uprobe), -ESRCH);
}

static void a_pid_that_is_no_pid_is_the_kernels_to_refuse(void **state)
{
	const struct tool_uprobe uprobe = { .pid = -7 };
	long without, with;

	(void)state;
	tool_start_without(&fake_linux_6_18);
	without = tool_open_uprobe(&uprobe);
	tool_start_with_program(&fake_linux_6_18);
	with = tool_open_uprobe(&uprobe);
	assert_int_equal(fake_calls_of(SYS_perf_event_open, -1), 1);
	assert_int_equal(with, without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_on_a_link),
		cmocka_unit_test(every_form_on_a_perf_event),
		cmocka_unit_test(a_process_without_its_first_thread_stays_on_perf),
		cmocka_unit_test(a_kernel_that_filters_threads_gets_no_link),
		cmocka_unit_test(the_proc_of_another_pid_namespace_is_not_asked),
		cmocka_unit_test(without_procfs_the_kernel_is_asked),
		cmocka_unit_test(a_process_that_is_not_there_is_the_kernels_to_miss),
		cmocka_unit_test(a_pid_that_is_no_pid_is_the_kernels_to_refuse),
	};

	return RUN_ISOLATED("pid", tests);
}
