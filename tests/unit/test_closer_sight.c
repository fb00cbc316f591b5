// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What /proc says of a thread that closes a link, and what that means. */
#include "tool.h"

#include <errno.h>
#include <stdio.h>

#include "closer_sight.h"
#include "kernel.h"
#include "thread.h"

static void sleep_long(void *arg)
{
	(void)arg;
	fake_sleep_ms(1000);
}

/** A thread of upshift's that is there. */
static int start_thread(void)
{
	static _Atomic int tid;

	fake_boot(&fake_linux_6_18);
	fake_slow_detaches();
	return expect_fd(thread_start(0, sleep_long, NULL, &tid));
}

struct sight_case {
	const char *text;
	bool past;
};

static void expect_sights(const struct sight_case *cases, size_t cnt, bool names_only)
{
	const int thread = start_thread();
	struct sight sight;

	fake_features.stack_errno = names_only ? EACCES : 0;
	for (size_t i = 0; i < cnt; i++) {
		fake_say_of_threads(cases[i].text);
		sight_open(&sight, thread, false);
		assert_true(sight_is_open(&sight));
		if (sight_is_past(&sight) != cases[i].past)
			fail_msg("%s: %d", cases[i].text, !cases[i].past);
		sight_close(&sight);
	}
	assert_int_equal(fake_open_fds(), 3);
}

static void stacks(void **state)
{
	static const struct sight_case cases[] = {
		{ "", false }, /* it runs */
		{ "[<0>] do_exit+0x1/0x2\n", false },
		{ "[<0>] futex_wait+0x1/0x2\n", false },
		{ "[<0>] rwsem_down_write_slowpath+0x1/0x2\n[<0>] uprobe_unregister_nosync+0x1/0x2\n",
		  false },
		{ "[<0>] rwsem_down_read_slowpath+0x1/0x2\n[<0>] register_for_each_vma+0x1/0x2\n"
		  "[<0>] uprobe_unregister_nosync+0x1/0x2\n",
		  false },
		{ "[<0>] __wait_rcu_gp+0x1/0x2\n[<0>] synchronize_rcu_normal+0x1/0x2\n"
		  "[<0>] rcu_sync_enter+0x1/0x2\n[<0>] register_for_each_vma+0x1/0x2\n"
		  "[<0>] bpf_uprobe_multi_link_release+0x1/0x2\n",
		  false },
		/* the grace period, of what is not said */
		{ "[<0>] __wait_rcu_gp+0x1/0x2\n[<0>] bpf_uprobe_multi_link_release+0x1/0x2\n", false },
		{ "[<0>] __wait_rcu_gp+0x1/0x2\n[<0>] synchronize_rcu_tasks_trace+0x1/0x2\n"
		  "[<0>] uprobe_unregister_sync+0x1/0x2\n[<0>] bpf_uprobe_multi_link_release+0x1/0x2\n",
		  true },
		{ "[<0>] __synchronize_srcu+0x1/0x2\n[<0>] bpf_uprobe_multi_link_release+0x1/0x2\n", true },
		{ "[<0>] __wait_rcu_gp+0x1/0x2\n[<0>] synchronize_rcu_tasks_trace+0x1/0x2\n"
		  "[<0>] bpf_uprobe_multi_link_release+0x1/0x2\n",
		  true },
		/* of one probe of many, it never waits there in the first part */
		{ "[<0>] __synchronize_srcu+0x1/0x2\n[<0>] uprobe_unregister_nosync+0x1/0x2\n", false },
	};

	(void)state;
	expect_sights(cases, TEST_CNT(cases), false);
}

static void names(void **state)
{
	static const struct sight_case cases[] = {
		{ "0", false },
		{ "", false },
		{ "rwsem_down_write_slowpath", false },
		{ "register_for_each_vma", false },
		{ "synchronize_rcu_normal", false },
		{ "rcu_sync_enter", false },
		{ "__wait_rcu_gp", true },
		{ "__synchronize_srcu", true },
	};

	(void)state;
	expect_sights(cases, TEST_CNT(cases), true);
}

/** The innermost functions come first, and are enough. */
static void a_long_stack_is_cut(void **state)
{
	static char text[4096];
	const int thread = start_thread();
	struct sight sight;
	int len;

	(void)state;
	len = snprintf(text, sizeof(text), "[<0>] __synchronize_srcu+0x1/0x2\n");
	while (len < (int)sizeof(text) - 64)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "[<0>] some_function+0x1/0x2\n");
	fake_say_of_threads(text);
	sight_open(&sight, thread, false);
	assert_true(sight_is_past(&sight));
}

/** Of many probes the innermost function says too little. */
static void names_do_not_do_for_many(void **state)
{
	const int thread = start_thread();
	struct sight sight;

	(void)state;
	fake_features.stack_errno = EACCES;
	fake_say_of_threads("__synchronize_srcu");
	sight_open(&sight, thread, true);
	assert_false(sight_is_open(&sight) || sight_is_past(&sight));
	sight_close(&sight);
	fake_features.stack_errno = 0;
	sight_open(&sight, thread, true);
	assert_true(sight_is_open(&sight));
}

static void what_cannot_be_seen(void **state)
{
	const int thread = start_thread();
	struct sight sight;

	(void)state;
	fake_say_of_threads("__synchronize_srcu");
	fake_features.stack_errno = fake_features.wchan_errno = ENOENT;
	sight_open(&sight, thread, false);
	assert_false(sight_is_open(&sight) || sight_is_past(&sight));
	fake_features.stack_errno = fake_features.wchan_errno = 0;
	fake_spare_fds(0);
	sight_open(&sight, thread, false);
	assert_false(sight_is_open(&sight));
	fake_spare_fds(1);
	sight_open(&sight, thread, false);
	assert_true(sight_is_past(&sight));
	/* and it may be gone by the next look */
	fake_sleep_ms(2000);
	assert_false(sight_is_past(&sight));
	sight_close(&sight);
}

/** Its numbers are other threads. */
static void another_namespaces_proc(void **state)
{
	const int thread = start_thread();
	struct sight sight;

	(void)state;
	fake_say_of_threads("__synchronize_srcu");
	fake_add_file("/proc/self", "1");
	sight_open(&sight, thread, false);
	assert_false(sight_is_open(&sight));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks),
		cmocka_unit_test(names),
		cmocka_unit_test(a_long_stack_is_cut),
		cmocka_unit_test(names_do_not_do_for_many),
		cmocka_unit_test(what_cannot_be_seen),
		cmocka_unit_test(another_namespaces_proc),
	};

	return RUN_ISOLATED("closer-sight", tests);
}
