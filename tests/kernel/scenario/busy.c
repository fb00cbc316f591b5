// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "busy.h"
#include "functions.h"
#include "scenario.h"

#define ENOUGH_CALLS 1000

struct busy {
	pid_t pid; /* 0: a thread */
	pthread_t thread;
	atomic_bool stop;
	atomic_int argument;
	atomic_ulong calls[2]; /* by argument */
};

static void *work(void *arg)
{
	struct busy *busy = arg;
	int argument;

	while (!atomic_load(&busy->stop)) {
		argument = atomic_load(&busy->argument);
		lib_f0(argument);
		lib_usdt(argument);
		atomic_fetch_add(&busy->calls[argument], 1);
	}
	return NULL;
}

static struct busy *new_busy(void)
{
	struct busy *busy =
		mmap(NULL, sizeof(*busy), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (busy == MAP_FAILED)
		die("no memory");
	return busy;
}

struct busy *busy_process(void)
{
	struct busy *busy = new_busy();
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		work(busy);
		_exit(0);
	}
	/* The child must not write it too: the memory is shared. */
	busy->pid = pid;
	who_add(pid, "busy");
	return busy;
}

struct busy *busy_thread(void)
{
	struct busy *busy = new_busy();

	if (pthread_create(&busy->thread, NULL, work, busy))
		die("cannot start a thread");
	return busy;
}

void busy_stop(struct busy *busy)
{
	atomic_store(&busy->stop, true);
	if (busy->pid)
		waitpid(busy->pid, NULL, 0);
	else
		pthread_join(busy->thread, NULL);
	munmap(busy, sizeof(*busy));
}

static void call_with(struct busy *busy, int argument, unsigned long calls)
{
	atomic_store(&busy->argument, argument);
	calls += atomic_load(&busy->calls[argument]);
	while (atomic_load(&busy->calls[argument]) < calls)
		sched_yield();
}

/* The first of two may have begun before. */
void busy_early(struct busy *busy)
{
	call_with(busy, 0, 2);
}

void busy_late(struct busy *busy)
{
	call_with(busy, 1, ENOUGH_CALLS);
}
