// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What is not detached yet at the end of the process, and when it makes children. */
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
	int before = fake_open_fds();

	engine_detach_all();
	assert_true(all_is_detached());
	assert_int_equal(fake_count(FAKE_LINK), 0);
	assert_int_equal(fake_open_fds(), before);
	assert_int_equal(fake_kind_of(link), FAKE_PATH);
	assert_int_equal(tool_close(link), 0);
	assert_int_equal(tool_close(copied), 0);
	assert_int_equal(tool_close(copy), 0);
	assert_int_equal(tool_close(event), 0);
	assert_int_equal(fake_threads(), 3);
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

static void at_the_end_without_threads(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int links[] = { link_at(1), link_at(2) }, before = fake_open_fds();

	fake_limit_threads(0);
	engine_detach_all();
	assert_true(all_is_detached());
	assert_int_equal(fake_open_fds(), before);
	assert_int_equal(tool_close(links[0]), 0);
	assert_int_equal(tool_close(links[1]), 0);
}

/** The kernel does it then, after the end. */
static void at_the_end_without_any_fd(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	fake_spare_fds(0);
	engine_detach_all();
	expect_probe(true, 1);
	assert_int_equal(fake_kind_of(link), FAKE_LINK);
}

static void what_is_in_the_queue_is_waited_for_at_the_end(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int closed = link_at(1);

	link_at(2);
	tool_close(closed);
	engine_exit();
	assert_true(all_is_detached());
}

/* ---- children ------------------------------------------------------------------------------------ */

/** The fake kernel has forked as well: what the child does to it, the parent does not see. */
static int closes_inherited(void *arg)
{
	const int *link = arg;

	if (tool_close(*link) || fake_threads())
		return 1;
	return atomic_load(&detach_pending) ? 2 : 0;
}

static void an_inherited_link_is_not_handed_over(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	assert_int_equal(in_child(closes_inherited, &link), 0);
}

static int exits_with_inherited(void *arg)
{
	int own = link_at(2);

	(void)arg;
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

static int sees_nothing(void *arg)
{
	(void)arg;
	return all_is_detached() && !atomic_load(&detach_pending) ? 0 : 1;
}

static void fork_waits(enum detach_mode mode)
{
	start_detaching(mode);
	close_one();
	errno = ENOTTY;
	engine_before_child();
	assert_int_equal(errno, ENOTTY);
	assert_true(all_is_detached());
	close_one();
	assert_int_equal(in_child(sees_nothing, NULL), 0); /* by fork() */
	assert_true(all_is_detached());
}

static void a_child_is_not_made_before(void **state)
{
	(void)state;
	fork_waits(DETACH_AUTO);
}

static void not_even_if_no_call_waits(void **state)
{
	(void)state;
	fork_waits(DETACH_ASYNC);
}

/** A child that was made behind our back. */
static int in_unseen_child(int (*body)(void))
{
	long child = kernel_raw_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
	int status;

	if (child == 0)
		_exit(body());
	if (child < 0 || waitpid((pid_t)child, &status, 0) != child)
		return 255;
	return status;
}

/** It has copies of what the parent's threads will close. */
static int drops_the_queue(void)
{
	const unsigned int threads = fake_threads();

	if (!engine_on() || atomic_load(&detach_pending) || !all_is_detached())
		return 1;
	if (tool_close(link_at(3)) || atomic_load(&detach_pending) != 1)
		return 2;
	if (fake_threads() != threads + 1)
		return 3;
	engine_settle();
	return all_is_detached() ? 0 : 4;
}

/** None of the parent's threads will take it. */
static int counts_no_threads(void)
{
	fake_limit_threads(0);
	if (!engine_on() || tool_close(link_at(3)))
		return 1;
	return all_is_detached() ? 0 : 2;
}

static void a_child_drops_the_queue(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int links[] = { link_at(1), link_at(2) };

	tool_close(links[0]);
	tool_close(links[1]);
	assert_int_equal(in_unseen_child(drops_the_queue), 0);
	assert_int_equal(in_unseen_child(counts_no_threads), 0);
	/* The parent's threads are none the worse for it. */
	expect_probes(2, 0);
	engine_settle();
	assert_true(all_is_detached());
}

static int reports_its_own_only(void)
{
	if (!engine_on())
		return 1;
	close_one();
	engine_settle();
	return times_in(fake_file_content("/report"), DETACHES) == 1 ? 0 : 2;
}

static void a_child_leaves_the_report_to_the_parent(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	config.report = "/report";
	close_one();
	fake_run_threads();
	assert_int_equal(in_unseen_child(reports_its_own_only), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_the_end_fds_stay_open_on_nothing),
		cmocka_unit_test(perf_events_are_left_to_the_kernel),
		cmocka_unit_test(at_the_end_without_threads),
		cmocka_unit_test(at_the_end_without_any_fd),
		cmocka_unit_test(what_is_in_the_queue_is_waited_for_at_the_end),
		cmocka_unit_test(an_inherited_link_is_not_handed_over),
		cmocka_unit_test(a_childs_end_detaches_its_own_only),
		cmocka_unit_test(a_child_is_not_made_before),
		cmocka_unit_test(not_even_if_no_call_waits),
		cmocka_unit_test(a_child_drops_the_queue),
		cmocka_unit_test(a_child_leaves_the_report_to_the_parent),
	};

	return RUN_ISOLATED("detach-end", tests);
}
