// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What is attached, or is being detached, at the process's end and when it makes children. */
#include "detach_tool.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "kernel.h"

/* ---- the end ------------------------------------------------------------------------------------- */

static void at_the_end_fds_stay_open_on_nothing(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1), copied = link_at(2), event = expect_fd(tool_open_at(3));
	int copy = expect_fd(tool_dup(copied));

	assert_int_equal(tool_set_bpf(event, prog), 0);
	const int before = fake_open_fds();
	const uint64_t start = fake_now_us();

	engine_detach_all();
	assert_true(all_is_detached());
	assert_in_range(fake_now_us() - start, GRACE_US, 2 * GRACE_US); /* together */
	assert_int_equal(fake_open_fds(), before);
	assert_int_equal(fake_kind_of(link), FAKE_PATH);
	assert_int_equal(fake_threads(), 3);
	assert_int_equal(tool_close(link), 0);
	assert_int_equal(tool_close(copied), 0);
	assert_int_equal(tool_close(copy), 0);
	assert_int_equal(tool_close(event), 0);
	assert_int_equal(fake_threads(), 3);
}

static void what_is_being_detached_is_waited_for(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	in_thread(close_one);
	engine_exit();
	assert_true(all_is_detached());
}

static void destructors_after_ours_wait_themselves(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	engine_exit();
	assert_in_range(closing_takes(link_at(0)), GRACE_US, 2 * GRACE_US);
}

static void perf_events_are_left_to_the_kernel(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	fake_features.multi_errno = EINVAL;
	int link = link_at(1);

	engine_detach_all();
	expect_probes(0, 1);
	assert_int_equal(fake_kind_of(link), FAKE_LINK);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
}

/** It is faster than one by one, even if nobody knows when. */
static void expect_left_to_the_keeper(int links)
{
	const uint64_t start = fake_now_us();
	struct fake_death death;

	engine_exit();
	assert_true(fake_now_us() - start < MOMENT_US);
	death = fake_kill();
	assert_int_equal(death.closed_by_process, 0);
	assert_int_equal(death.closed_by_kernel, links);
	assert_int_equal(fake_count(FAKE_LINK), 0);
}

static void without_threads_it_is_left_to_the_keeper(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	link_at(1);
	link_at(2);
	fake_limit_threads(0);
	expect_left_to_the_keeper(2);
}

/** Whatever is closed after it, by destructors, is detached as ever. */
static void what_was_left_can_be_closed(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1), other = link_at(2);

	fake_limit_threads(0);
	engine_exit();
	assert_int_equal(tool_close(link), 0);
	expect_probe(true, 2);
	assert_int_equal(tool_close(other), 0);
	assert_true(all_is_detached());
	assert_int_equal(fake_closes().direct, 2);
}

static void without_any_fd_too(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	link_at(1);
	fake_spare_fds(0);
	expect_left_to_the_keeper(1);
}

static void so_it_is_where_nobody_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_ASYNC);
	link_at(1);
	link_at(2);
	link_at(3);
	expect_left_to_the_keeper(3);
	assert_int_equal(fake_threads(), 0);
}

static void nobody_waits_and_there_is_no_keeper(void **state)
{
	(void)state;
	start_detaching(DETACH_ASYNC);
	config.keep = false;
	link_at(1);
	link_at(2);
	engine_exit();
	assert_true(all_is_detached());
	assert_int_equal(fake_threads(), 2);
}

/* ---- children ------------------------------------------------------------------------------------ */

/** The fake kernel has forked as well: what the child does to it, the parent does not see. */
static int closes_inherited(void *arg)
{
	const int *link = arg;
	const uint64_t start = fake_now_us();

	if (!engine_on())
		return 3;
	if (tool_close(*link) || fake_threads() || fake_now_us() != start)
		return 1;
	return atomic_load(&stats_detaching) || none_counts() ? 2 : 0;
}

static void an_inherited_link_stays_the_parents(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	assert_int_equal(in_child(closes_inherited, &link), 0);
	assert_int_equal(in_child(closes_inherited, &link), 0);
}

static int exits_with_inherited(void *arg)
{
	int own;

	(void)arg;
	if (!engine_on())
		return 3;
	own = link_at(2);
	engine_exit();
	/* its own is gone, the parent's is not */
	return only_probe().offset == 1 && fake_kind_of(own) == FAKE_PATH ? 0 : 1;
}

static void a_childs_end_detaches_its_own_only(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	link_at(1);
	assert_int_equal(in_child(exits_with_inherited, NULL), 0);
}

/** The parent's closers are at work: none of them is the child's. */
static int has_no_closers(void *arg)
{
	const unsigned int threads = fake_threads();
	const uint64_t start = fake_now_us();

	(void)arg;
	if (!engine_on() || atomic_load(&stats_detaching))
		return 1;
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	if (fake_now_us() != start)
		return 5;
	if (closing_takes(link_at(3)) > MOMENT_US || atomic_load(&stats_detaching) != 1)
		return 2;
	if (fake_threads() != threads + 1)
		return 3;
	detach_wait(CLOSERS_OF_ALL);
	return all_is_detached() ? 0 : 4;
}

/** A child that was made behind our back. */
static int in_unseen_child(int (*body)(void *arg))
{
	long child = kernel_raw_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
	int status;

	if (child == 0)
		_exit(body(NULL));
	if (child < 0 || waitpid((pid_t)child, &status, 0) != child)
		return 255;
	return status;
}

static void a_child_has_none_of_the_closers(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	close_one();
	assert_int_equal(in_unseen_child(has_no_closers), 0);
	assert_int_equal(in_child(has_no_closers, NULL), 0);
	/* The parent is none the worse for it. */
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	assert_true(all_is_detached());
}

/** As many as there may be are the parent's. */
static int has_closers_to_spare(void *arg)
{
	(void)arg;
	if (!engine_on())
		return 1;
	return closing_takes(link_at(3)) < MOMENT_US && none_counts() ? 0 : 2;
}

static void a_child_counts_no_closers(void **state)
{
	int links[CLOSERS];

	(void)state;
	start_detaching(DETACH_AUTO);
	fake_time_detaches(&(struct fake_detach_times){ .begin_us = 1, .first_us = 1, .grace_us = 500000 });
	fake_limit_fds(4096);
	for (int i = 0; i < CLOSERS; i++)
		links[i] = link_at(0);
	for (int i = 0; i < CLOSERS; i++)
		tool_close(links[i]);
	assert_int_equal(in_unseen_child(has_closers_to_spare), 0);
}

static int reports_its_own_only(void *arg)
{
	(void)arg;
	if (!engine_on())
		return 1;
	close_one();
	detach_wait(CLOSERS_OF_ALL);
	return times_in(fake_file_content("/report"), DETACHES) == 1 ? 0 : 2;
}

static void a_child_leaves_the_report_to_the_parent(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	config.report = "/report";
	close_one();
	fake_sleep_ms(100);
	assert_int_equal(in_unseen_child(reports_its_own_only), 0);
}

static int closes_unseen(void *arg)
{
	const int *link = arg;

	if (!engine_on())
		return 9;
	link_at(2); /* makes a keeper, which looks for such closes */
	sys_close(*link);
	fake_sleep_ms(150);
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	return times_in(fake_file_content("/report"), DETACHES);
}

static void nor_does_it_report_what_is_the_parents(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	config.report = "/report";
	int link = expect_fd(tool_fcntl(link_at(1), F_DUPFD_CLOEXEC, 50));

	tool_close_range(3, 49);
	prog = expect_fd(tool_load_simple(RETURN_0));
	assert_int_equal(in_child(closes_unseen, &link), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_the_end_fds_stay_open_on_nothing),
		cmocka_unit_test(what_is_being_detached_is_waited_for),
		cmocka_unit_test(destructors_after_ours_wait_themselves),
		cmocka_unit_test(perf_events_are_left_to_the_kernel),
		cmocka_unit_test(without_threads_it_is_left_to_the_keeper),
		cmocka_unit_test(what_was_left_can_be_closed),
		cmocka_unit_test(without_any_fd_too),
		cmocka_unit_test(so_it_is_where_nobody_waits),
		cmocka_unit_test(nobody_waits_and_there_is_no_keeper),
		cmocka_unit_test(an_inherited_link_stays_the_parents),
		cmocka_unit_test(a_childs_end_detaches_its_own_only),
		cmocka_unit_test(a_child_has_none_of_the_closers),
		cmocka_unit_test(a_child_counts_no_closers),
		cmocka_unit_test(a_child_leaves_the_report_to_the_parent),
		cmocka_unit_test(nor_does_it_report_what_is_the_parents),
	};

	return RUN_ISOLATED("detach-end", tests);
}
