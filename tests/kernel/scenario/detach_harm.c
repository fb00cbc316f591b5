// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What a detach takes is not taken from the tool: threads, memory, file descriptors, its stack. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cgroup.h"
#include "detach_rig.h"
#include "exact_rig.h"

/* On the perf path. */
#define FEW 3

static struct exact exact;

static void attach_some(int nr)
{
	for (exact.nr = 0; exact.nr < nr; exact.nr++)
		exact.links[exact.nr] = exact_attach_one(&exact, exact.nr);
}

static void detach_some(void)
{
	for (int i = 0; i < exact.nr; i++)
		bpf_link__destroy(exact.links[i]);
}

/* In a child, in a cgroup of its own. */
static void limited(const char *controller, long limit, void (*what)(int nr))
{
	int status;
	pid_t child;

	cgroup_make(controller, limit);
	exact_up(&exact);
	child = fork();
	if (!child) {
		cgroup_enter();
		what(exact_rounds(&exact, FEW));
		_exit(0);
	}
	waitpid(child, &status, 0);
	say("%s", WIFEXITED(status) && !WEXITSTATUS(status) ? "ended well" : "was killed");
	cgroup_remove();
	exact_down(&exact);
}

/* ---- threads ------------------------------------------------------------------------------------- */

static void *nothing(void *arg)
{
	return arg;
}

static void starts_threads(int nr)
{
	pthread_t thread;
	int failed = 0;

	attach_some(nr / 2 + 1);
	detach_some();
	for (int i = 0; i < 20; i++) {
		if (pthread_create(&thread, NULL, nothing, NULL))
			failed++;
		else
			pthread_join(thread, NULL);
	}
	say("threads that could not be started: %d", failed);
}

static void few_threads(void)
{
	limited("pids", 64, starts_threads);
}

/* Where there are few closers, numbers are free when a link is closed, and what the tool puts there stays. */
static void uses_numbers(int nr)
{
	enum { FIRST = 75, END = 99 };
	const struct rlimit limit = { END + 1, END + 1 };
	int null, gone = 0;

	setrlimit(RLIMIT_NOFILE, &limit);
	attach_some(nr < 20 ? nr : 20);
	detach_some();
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	for (int fd = FIRST; fd < END; fd++)
		dup2(null, fd);
	await_threads();
	for (int fd = FIRST; fd < END; fd++)
		gone += write(fd, "", 1) != 1;
	say("files that somebody closed: %d", gone);
}

static void few_closers(void)
{
	limited("pids", 12, uses_numbers);
}

/* ---- memory -------------------------------------------------------------------------------------- */

static void just_detaches(int nr)
{
	attach_some(nr * 3 / 4);
	detach_some();
	settle();
}

static void little_memory(void)
{
	limited("memory", 2 << 20, just_detaches);
}

/* ---- the limit of file descriptors --------------------------------------------------------------- */

static atomic_bool stop;
static int changed, undone;

#define LIMIT 400
#define MANY  20000

static void *look_at_limit(void *arg)
{
	struct rlimit limit;

	while (!atomic_load(&stop)) {
		getrlimit(RLIMIT_NOFILE, &limit);
		changed += limit.rlim_cur != LIMIT;
	}
	return arg;
}

static void *set_limit(void *arg)
{
	struct rlimit limit;

	for (rlim_t own = LIMIT; !atomic_load(&stop); own ^= 1) {
		limit = (struct rlimit){ own, MANY };
		setrlimit(RLIMIT_NOFILE, &limit);
		usleep(0);
		getrlimit(RLIMIT_NOFILE, &limit);
		undone += limit.rlim_cur != own;
	}
	return arg;
}

static void while_limits_are(void *(*work)(void *), int nr)
{
	pthread_t thread;

	atomic_store(&stop, false);
	if (pthread_create(&thread, NULL, work, NULL))
		die("cannot start a thread");
	while (nr--)
		destroy(exact_attach_one(&exact, 0));
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
}

/* With more than half of it in use. */
static void limit_is_the_tools(void)
{
	const struct rlimit limit = { LIMIT, MANY };
	int fds[LIMIT * 5 / 8], nr;

	exact_up(&exact);
	nr = exact_rounds(&exact, 4 * FEW) / 4;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while_limits_are(look_at_limit, nr);
	while_limits_are(set_limit, nr);
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		close(fds[i]);
	say("limit changed %d times, the tool's own undone %d times", changed, undone);
	exact_down(&exact);
}

/* ---- the stack ----------------------------------------------------------------------------------- */

static sigjmp_buf out;

static void jump_out(int signal)
{
	(void)signal;
	siglongjmp(out, 1);
}

__attribute__((noinline)) static void destroy_half(void)
{
	const struct itimerval soon = { .it_value.tv_usec = 500 };

	setitimer(ITIMER_REAL, &soon, NULL);
	for (int i = 0; i < exact.nr / 2; i++)
		bpf_link__destroy(exact.links[i]);
	pause();
}

/* Where something was remembered that is no more. */
__attribute__((noinline)) static int close_rest(void)
{
	volatile long words[600];
	int other = 0;

	for (long i = 0; i < 600; i++)
		words[i] = 0x5a5a5a5a00000000 + i;
	for (int i = exact.nr / 2; i < exact.nr; i++)
		close(bpf_link__fd(exact.links[i]));
	for (long i = 0; i < 600; i++)
		other += words[i] != 0x5a5a5a5a00000000 + i;
	return other;
}

/* In a child: what was to be freed is not. */
static void jump_out_of_destroy(void)
{
	pid_t child;
	int nr;

	exact_up(&exact);
	nr = exact_rounds(&exact, 2 * FEW);
	child = fork();
	if (!child) {
		attach_some(nr);
		signal(SIGALRM, jump_out);
		if (!sigsetjmp(out, 1))
			destroy_half();
		say("words changed: %d", close_rest());
		_exit(0);
	}
	waitpid(child, NULL, 0);
	exact_down(&exact);
}

const struct scenario detach_harm_scenarios[] = {
	{ "detach-few-threads", few_threads },       { "detach-few-closers", few_closers },
	{ "detach-little-memory", little_memory },   { "detach-beside-setrlimit", limit_is_the_tools },
	{ "detach-jumps-out", jump_out_of_destroy }, {},
};
