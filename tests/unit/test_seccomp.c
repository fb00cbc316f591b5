// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A process that locks itself up: afterwards it makes few system calls that it would not make without
 * upshift, and loses nothing. */
#include "detach_tool.h"

#include <errno.h>

#include "engine.h"
#include "kernel.h"

static void lock_up(void)
{
	errno = ENOTTY;
	engine_before_seccomp();
	assert_int_equal(errno, ENOTTY);
	fake_forget_calls();
}

/** Besides close(), what README.md says that a filter must let through: bpf() to know the link again. */
static void expect_calls(unsigned int closes)
{
	const struct fake_call *calls;
	unsigned int cnt, found = 0;

	calls = fake_calls(&cnt);
	for (unsigned int i = 0; i < cnt; i++) {
		if (calls[i].nr == SYS_close)
			found++;
		else if (calls[i].nr != SYS_bpf || calls[i].args[0] != BPF_OBJ_GET_INFO_BY_FD)
			fail_msg("call %ld of %ld", calls[i].nr, calls[i].args[0]);
	}
	assert_int_equal(found, closes);
}

static void a_close_does_with_close(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int first = link_at(1), second = link_at(2);

	lock_up();
	assert_in_range(closing_takes(first), GRACE_US, 2 * GRACE_US);
	expect_probe(true, 2);
	expect_calls(2); /* and the keeper's fd: all pins go */
	assert_int_equal(fake_pins(), 0);
	assert_int_equal(tool_close(second), 0);
	assert_true(all_is_detached());
	expect_calls(3);
	assert_int_equal(fake_threads(), 0);
	assert_int_equal(fake_closes().direct, 2);
}

static void so_it_does_where_nobody_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_ASYNC);
	int link = link_at(1);

	lock_up();
	assert_int_equal(tool_close(link), 0);
	assert_true(none_counts());
	expect_calls(2);
}

static void so_does_a_range(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	lock_up();
	assert_int_equal(tool_close_range((unsigned int)link, (unsigned int)link), 0);
	assert_true(all_is_detached());
	assert_int_equal(fake_threads(), 0);
	assert_int_equal(fake_calls_of(SYS_unlinkat, -1), 0);
}

static void killed_it_dies_at_once(void **state)
{
	struct fake_death death;

	(void)state;
	start_detaching(DETACH_AUTO);
	link_at(1);
	link_at(2);
	lock_up();
	death = fake_kill();
	assert_int_equal(death.closed_by_process, 0);
	assert_int_equal(death.closed_by_kernel, 2);
}

/** It leaves all to the kernel, and to the keeper. */
static void an_exit_asks_for_nothing(void **state)
{
	unsigned int calls;

	(void)state;
	start_detaching(DETACH_AUTO);
	link_at(1);
	lock_up();
	fake_forget_calls();
	engine_exit();
	fake_calls(&calls);
	assert_int_equal(calls, 0);
	assert_int_equal(fake_kill().closed_by_process, 0);
}

/** Their exit is a system call as well. */
static void the_closers_are_gone_before(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	close_one();
	in_thread(close_one);
	lock_up();
	assert_int_equal(fake_threads_there(), 0);
	assert_true(all_is_detached());
}

static void no_keeper_is_made_after_it(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	lock_up();
	int link = link_at(1);

	assert_int_equal(fake_calls_of(SYS_fsopen, -1), 0);
	assert_int_equal(fake_pins(), 0);
	assert_int_equal(tool_close(link), 0);
	assert_true(all_is_detached());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_close_does_with_close),
		cmocka_unit_test(so_it_does_where_nobody_waits),
		cmocka_unit_test(so_does_a_range),
		cmocka_unit_test(killed_it_dies_at_once),
		cmocka_unit_test(an_exit_asks_for_nothing),
		cmocka_unit_test(the_closers_are_gone_before),
		cmocka_unit_test(no_keeper_is_made_after_it),
	};

	return RUN_ISOLATED("seccomp", tests);
}
