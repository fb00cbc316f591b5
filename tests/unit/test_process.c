// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Children: those with a copy of our memory go on with the state, those that share it keep their hands off.
 */
#include "tool.h"

#include <errno.h>
#include <linux/mman.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "engine.h"
#include "kernel.h"
#include "process.h"

/* ---- fork ---------------------------------------------------------------------------------------- */

static int goes_on(void *arg)
{
	const int *event = arg;

	if (!engine_on() || !process_is_ours())
		return 1;
	/* what the parent opened is ours too */
	if (tool_set_bpf(*event, (int)tool_load_simple(RETURN_0)))
		return 2;
	if (!only_probe().multi || tool_close(*event))
		return 3;
	return fake_probes(NULL, 0) ? 4 : 0;
}

static void a_fork_child_goes_on(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0));

	assert_int_equal(in_child(goes_on, &event), 0);
	/* and the parent as well */
	assert_true(engine_on());
	assert_int_equal(tool_set_bpf(event, expect_fd(tool_load_simple(RETURN_0))), 0);
	expect_probes(1, 0);
}

/** pid 0 meant the parent, which is not the child's self. */
static int keeps_the_parents_pid(void *arg)
{
	const int *event = arg;

	if (tool_link(*event, (int)tool_load_simple(RETURN_0), 0) < 0)
		return 1;
	return only_probe().pid == getppid() ? 0 : 2;
}

static void a_pending_uprobe_of_the_parent_stays_the_parents(void **state)
{
	const struct tool_uprobe uprobe = { .pid = TOOL_SELF };

	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	config.pid_multi = true;
	int event = expect_fd(tool_open_uprobe(&uprobe));

	fake_add_task(getpid(), getpid());
	assert_int_equal(in_child(keeps_the_parents_pid, &event), 0);
	fake_features.multi_errno = EINVAL;
	assert_int_equal(in_child(keeps_the_parents_pid, &event), 0);
}

static int takes_the_lock(void *arg)
{
	sigset_t saved;

	(void)arg;
	if (!process_is_ours())
		return 1;
	engine_lock(&saved);
	engine_unlock(&saved);
	return 0;
}

struct holder {
	pthread_t thread;
	atomic_int holds, may_go;
};

static void *hold_the_lock(void *arg)
{
	struct holder *holder = arg;
	sigset_t saved;

	engine_lock(&saved);
	atomic_store(&holder->holds, 1);
	while (!atomic_load(&holder->may_go))
		sched_yield();
	engine_unlock(&saved);
	return NULL;
}

static void start_holder(struct holder *holder)
{
	*holder = (struct holder){ 0 };
	assert_int_equal(pthread_create(&holder->thread, NULL, hold_the_lock, holder), 0);
	while (!atomic_load(&holder->holds))
		sched_yield();
}

static int goes_on_or_dies(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* should it wait for ever */
	return goes_on(arg);
}

static int so_does_its_child(void *arg)
{
	const int status = in_child(goes_on_or_dies, arg);

	return status ? status : goes_on_or_dies(arg);
}

/** Another thread of the parent has the lock, and will never give it back to the child. */
static void a_child_made_in_the_middle_of_a_change_goes_on(void **state)
{
	struct holder holder;
	int by_fork, by_clone;

	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0));

	start_holder(&holder);
	by_fork = in_child(so_does_its_child, &event);
	long child = kernel_raw_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0); /* not by libc's fork() */

	if (child == 0)
		_exit(goes_on_or_dies(&event));
	assert_true(child > 0);
	assert_int_equal(waitpid((pid_t)child, &by_clone, 0), child);
	atomic_store(&holder.may_go, 1);
	pthread_join(holder.thread, NULL);
	assert_int_equal(by_fork, 0);
	assert_int_equal(by_clone, 0);
	/* The parent, and children made later, are none the worse for it. */
	assert_int_equal(takes_the_lock(NULL), 0);
	assert_int_equal(in_child(takes_the_lock, NULL), 0);
}

static void the_lock_is_free_in_a_child(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	assert_int_equal(in_child(takes_the_lock, NULL), 0);
	long child = kernel_raw_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
	int status;

	if (child == 0)
		_exit(takes_the_lock(NULL));
	assert_true(child > 0);
	assert_int_equal(waitpid((pid_t)child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int signal_mask_is_empty(void *arg)
{
	sigset_t mask;

	(void)arg;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	return sigismember(&mask, SIGUSR1) || sigismember(&mask, SIGTERM);
}

static void fork_leaves_the_signal_mask(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	assert_int_equal(in_child(signal_mask_is_empty, NULL), 0);
	assert_int_equal(signal_mask_is_empty(NULL), 0);
}

static void signals_wait_for_the_lock(void **state)
{
	sigset_t saved, mask;

	(void)state;
	tool_start(&fake_linux_6_18);
	engine_lock(&saved);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	engine_unlock(&saved);
	assert_true(sigismember(&mask, SIGUSR1) && sigismember(&mask, SIGALRM));
	assert_int_equal(signal_mask_is_empty(NULL), 0);
}

/* ---- vfork --------------------------------------------------------------------------------------- */

static int answer_of_child;

static int ask(void *arg)
{
	(void)arg;
	answer_of_child = 2 * engine_on() + process_is_ours();
	return 0;
}

/** A vfork child in all that counts here: it shares the memory, and has a pid of its own. */
static void a_vfork_child_keeps_its_hands_off(void **state)
{
	static char stack[256 * 1024] __attribute__((aligned(16)));
	int status;

	(void)state;
	tool_start(&fake_linux_6_18);
	answer_of_child = -1;
	pid_t child = clone(ask, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(answer_of_child, 0);
	/* and has changed nothing */
	assert_true(engine_on() && process_is_ours());
}

static int ask_in_grandchild(void *arg)
{
	a_vfork_child_keeps_its_hands_off(arg);
	return 0;
}

static void so_does_that_of_a_fork_child(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	assert_int_equal(in_child(ask_in_grandchild, NULL), 0);
}

/* ---- start --------------------------------------------------------------------------------------- */

static long no_wipe(long nr, long a, long b, long c, long d, long e, long f)
{
	if (nr == SYS_madvise && c == MADV_WIPEONFORK)
		return -EINVAL;
	return kernel_raw_call(nr, a, b, c, d, e, f);
}

static void a_kernel_that_cannot_tell_children_leaves_it_off(void **state)
{
	(void)state;
	fake_boot(&fake_linux_6_18);
	kernel_call = no_wipe;
	assert_false(engine_on());
	assert_false(engine_on());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fork_child_goes_on),
		cmocka_unit_test(a_pending_uprobe_of_the_parent_stays_the_parents),
		cmocka_unit_test(the_lock_is_free_in_a_child),
		cmocka_unit_test(a_child_made_in_the_middle_of_a_change_goes_on),
		cmocka_unit_test(fork_leaves_the_signal_mask),
		cmocka_unit_test(signals_wait_for_the_lock),
		cmocka_unit_test(a_vfork_child_keeps_its_hands_off),
		cmocka_unit_test(so_does_that_of_a_fork_child),
		cmocka_unit_test(a_kernel_that_cannot_tell_children_leaves_it_off),
	};

	return RUN_ISOLATED("process", tests);
}
