// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Children and the keeper: a copy of its fd must not keep the parent's links, and their own are kept by
 * themselves. */
#include "detach_tool.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "kernel.h"

static int inherited;

/** The parent, which is killed while the child goes on with the link's fd. */
static int outlives_the_parent(void *arg)
{
	(void)arg;
	if (!engine_on())
		return 9;
	fake_kill_parent();
	fake_sleep_ms(100);
	/* what its own fd holds, and nothing else */
	if (fake_probes(NULL, 0) != 1 || only_probe().offset != 1)
		return 1;
	if (tool_close(inherited))
		return 2;
	fake_sleep_ms(100);
	return all_is_detached() ? 0 : 3;
}

static int drops_the_copy(void *arg)
{
	(void)arg;
	if (fake_fds_of(FAKE_MOUNT))
		return 1;
	/* the parent's is as it was */
	return fake_pins() == 2 ? 0 : 2;
}

/** The child has an fd of the first link; the second's it closes, as a daemon does. */
static void start_with_two(void)
{
	start_detaching(DETACH_AUTO);
	inherited = link_at(1);
	link_at(2);
	assert_int_equal(fake_fds_of(FAKE_MOUNT), 1);
}

static void a_child_closes_its_copy_first_of_all(void **state)
{
	(void)state;
	start_with_two();
	assert_int_equal(in_child(drops_the_copy, NULL), 0);
	assert_int_equal(fake_fds_of(FAKE_MOUNT), 1);
	assert_int_equal(fake_pins(), 2);
}

static int closes_one_and_outlives(void *arg)
{
	if (!engine_on())
		return 9;
	for (int fd = 3; fd < 100; fd++)
		if (fd != inherited && fake_kind_of(fd) == FAKE_LINK && tool_close(fd))
			return 4;
	return outlives_the_parent(arg);
}

static void a_child_keeps_what_its_fds_hold(void **state)
{
	(void)state;
	start_with_two();
	assert_int_equal(in_child(closes_one_and_outlives, NULL), 0);
}

/** Not by libc's fork(): the entry points call this. */
static int is_told(void *arg)
{
	engine_in_child();
	return closes_one_and_outlives(arg);
}

static int in_raw_child(int (*body)(void *arg))
{
	long child = kernel_raw_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
	int status;

	if (child == 0)
		_exit(body(NULL));
	if (child < 0 || waitpid((pid_t)child, &status, 0) != child)
		return 255;
	return status;
}

/** Nobody told it: at its first call. */
static int finds_out(void *arg)
{
	return closes_one_and_outlives(arg);
}

static void so_does_one_that_was_made_by_clone(void **state)
{
	(void)state;
	start_with_two();
	assert_int_equal(in_raw_child(is_told), 0);
	assert_int_equal(in_raw_child(finds_out), 0);
}

/** It shares the memory, and has fds of its own: nothing may change but those. */
static void a_vfork_child_changes_no_memory(void **state)
{
	(void)state;
	start_with_two();
	assert_true(engine_has_to_see_children());
	engine_in_child();
	assert_int_equal(fake_fds_of(FAKE_MOUNT), 0); /* of the child's table */
	assert_true(engine_has_to_see_children());
}

static void without_a_keeper_children_need_not_be_seen(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	config.keep = false;
	link_at(1);
	assert_false(engine_has_to_see_children());
}

static int has_its_own(void *arg)
{
	struct fake_death death;
	int own;

	(void)arg;
	if (!engine_on())
		return 9;
	own = link_at(3);
	if (fake_fds_of(FAKE_MOUNT) != 1 || fake_pins() != 3)
		return 1;
	/* exact, as the parent's */
	if (closing_takes(own) > MOMENT_US || fake_probes(NULL, 0) != 2 || fake_pins() != 2)
		return 2;
	link_at(4);
	link_at(5);
	death = fake_kill();
	/* the parent has the first two still */
	return death.closed_by_process == 0 && death.closed_by_kernel == 2 && fake_probes(NULL, 0) == 2 ? 0 :
													  3;
}

static void a_child_has_a_keeper_of_its_own(void **state)
{
	(void)state;
	start_with_two();
	assert_int_equal(in_child(has_its_own, NULL), 0);
	assert_int_equal(in_raw_child(has_its_own), 0);
}

/** Its close neither removes the parent's pin nor waits. */
static int leaves_the_pin(void *arg)
{
	(void)arg;
	if (!engine_on())
		return 9;
	if (closing_takes(inherited) || fake_pins() != 2)
		return 1;
	/* nor does one that nobody sees, when it is found */
	for (int fd = 3; fd < 100; fd++)
		if (fake_kind_of(fd) == FAKE_LINK)
			sys_close(fd);
	link_at(3);
	fake_sleep_ms(150);
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	return fake_pins() == 3 && fake_probes(NULL, 0) == 3 ? 0 : 2;
}

static void a_child_leaves_the_parents_pins(void **state)
{
	(void)state;
	start_with_two();
	assert_int_equal(in_child(leaves_the_pin, NULL), 0);
}

static int tries_for_itself(void *arg)
{
	(void)arg;
	fake_features.fsopen_errno = 0;
	if (!engine_on())
		return 9;
	link_at(1);
	return fake_pins() == 1 ? 0 : 1;
}

static void a_child_tries_for_itself(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	fake_features.fsopen_errno = EMFILE;
	link_at(0);
	assert_int_equal(fake_pins(), 0);
	assert_int_equal(in_child(tries_for_itself, NULL), 0);
}

/* ---- in the middle of a change ------------------------------------------------------------------- */

static int worst;
static unsigned int forked;

static bool is_attached(uint64_t offset)
{
	struct fake_probe probes[16];
	const unsigned int cnt = fake_probes(probes, 16);

	for (unsigned int i = 0; i < cnt && i < 16; i++)
		if (probes[i].offset == offset)
			return true;
	return false;
}

/** What a child does that is a copy of a process in which another thread was at work. */
static int goes_on(void *arg)
{
	int event, own;

	(void)arg;
	if (!engine_on())
		return 10;
	hints_set_attach(NULL); /* those are of the thread that was at work */
	for (int fd = 3; fd < 100; fd++)
		tool_close(fd);
	if (fake_fds_of(FAKE_LINK))
		return 11;
	own = (int)tool_load_simple(RETURN_0);
	event = (int)tool_open_at(0x77);
	if (own < 0 || event < 0 || tool_set_bpf(event, own))
		return 12;
	if (!is_attached(0x77) || tool_close(event) || is_attached(0x77))
		return 13;
	engine_exit();
	return 0;
}

/** _exit(): a leak sanitizer would miss the stack of a thread that is not the one that forked. */
static int in_forked_child(int (*body)(void *arg))
{
	const pid_t child = fork();
	int status;

	if (child == 0)
		_exit(body(NULL));
	return child < 0 || waitpid(child, &status, 0) != child ? 255 : status;
}

static void fork_twice(void)
{
	const int by_clone = in_raw_child(goes_on), by_fork = in_forked_child(goes_on);

	forked++;
	if (by_clone || by_fork)
		worst = 1;
}

/** Attaches and detaches in each of the ways. */
static void work(void)
{
	int event = expect_fd(tool_open_at(1)), copy = expect_fd(tool_dup(event)), link, many;

	assert_int_equal(tool_set_bpf(event, prog), 0);
	link = link_at(2);
	many = link_of_many(3);
	assert_int_equal(tool_dup3(1, copy, 0), copy);
	assert_int_equal(tool_close(event), 0);
	assert_int_equal(tool_close_range((unsigned int)many, (unsigned int)many), 0);
	assert_int_equal(tool_close(link), 0);
	assert_int_equal(tool_close(copy), 0);
}

static int fork_at(void *arg)
{
	const unsigned int *nth = arg;

	start_detaching(DETACH_AUTO);
	fake_before_call(*nth, fork_twice);
	worst = 0;
	forked = 0;
	work();
	if (!all_is_detached() && !none_counts())
		return 20;
	return forked ? worst : 99;
}

static void a_child_made_at_any_step_goes_on(void **state)
{
	unsigned int nth = 1;
	int status;

	(void)state;
	for (; (status = in_child(fork_at, &nth)) == 0; nth++)
		;
	if (status != 99)
		fail_msg("a child that was made at call %u: %d", nth, status);
	assert_in_range(nth, 100, 1000);
}

static int events_fd;

/** The event whose link is being closed is as good as any in the child. */
static int attaches_again(void *arg)
{
	long link;

	(void)arg;
	if (!engine_on())
		return 10;
	link = tool_link(events_fd, prog, 7);
	if (link == -EEXIST && !none_counts())
		return 0; /* it is not closed yet */
	if (link < 0 || !is_attached(0x55))
		return 11;
	config.detach = DETACH_AUTO;
	return closing_takes((int)link) < MOMENT_US && !is_attached(0x55) ? 0 : 12;
}

static void fork_and_attach(void)
{
	forked++;
	worst = in_raw_child(attaches_again) != 0;
}

static int close_and_fork(void *arg)
{
	const unsigned int *nth = arg;
	int link;

	start_detaching(nth[1] ? DETACH_SYNC : DETACH_AUTO);
	forked = 0;
	events_fd = expect_fd(tool_open_at(0x55));
	link = expect_fd(tool_link(events_fd, prog, 0));
	fake_before_call(nth[0], fork_and_attach);
	assert_int_equal(tool_close(link), 0);
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	return forked ? worst : 99;
}

static void a_child_made_during_a_close_attaches_again(void **state)
{
	int status;

	(void)state;
	for (unsigned int sync = 0; sync < 2; sync++) {
		unsigned int nth[] = { 1, sync };

		for (; (status = in_child(close_and_fork, nth)) == 0; nth[0]++)
			;
		if (status != 99)
			fail_msg("a child that was made at call %u: %d", nth[0], status);
		assert_in_range(nth[0], 5, 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_closes_its_copy_first_of_all),
		cmocka_unit_test(a_child_keeps_what_its_fds_hold),
		cmocka_unit_test(so_does_one_that_was_made_by_clone),
		cmocka_unit_test(a_vfork_child_changes_no_memory),
		cmocka_unit_test(without_a_keeper_children_need_not_be_seen),
		cmocka_unit_test(a_child_has_a_keeper_of_its_own),
		cmocka_unit_test(a_child_leaves_the_parents_pins),
		cmocka_unit_test(a_child_tries_for_itself),
		cmocka_unit_test(a_child_made_at_any_step_goes_on),
		cmocka_unit_test(a_child_made_during_a_close_attaches_again),
	};

	return RUN_ISOLATED("keeper-children", tests);
}
