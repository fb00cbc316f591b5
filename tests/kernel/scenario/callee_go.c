// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What sets a callee going. */
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "callee.h"
#include "callee_shared.h"
#include "scenario.h"

/* ---- a pipe, with and without stdio -------------------------------------------------------------- */

static bool pipe_wait(void)
{
	char byte;

	return read(callee.fds[0], &byte, 1) == 1;
}

static void pipe_tell(void)
{
	if (write(callee.fds[1], "", 1) != 1)
		die("write");
}

static bool stdio_wait(void)
{
	char line[16];

	return fgets(line, sizeof(line), callee.in);
}

static void stdio_tell(void)
{
	fprintf(callee.out, "go\n");
	fflush(callee.out);
}

/* ---- eventfd, signals ---------------------------------------------------------------------------- */

static bool event_wait(void)
{
	eventfd_t value;

	return !eventfd_read(callee.event, &value);
}

static void event_tell(void)
{
	eventfd_write(callee.event, 1);
}

static bool signal_wait(void)
{
	sigset_t usr1;
	int signal;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	return !sigwait(&usr1, &signal);
}

static void signal_tell(void)
{
	kill(callee_pid(), SIGUSR1);
}

/* ---- memory -------------------------------------------------------------------------------------- */

static void futex(atomic_int *word, int operation, int value)
{
	syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

void shared_wait(atomic_int *word, int value)
{
	while (atomic_load(word) == value)
		futex(word, FUTEX_WAIT, value);
}

void shared_wake(atomic_int *word)
{
	atomic_fetch_add(word, 1);
	futex(word, FUTEX_WAKE, 1);
}

static bool futex_wait(void)
{
	shared_wait(&callee.shared->go, callee.shared->seen);
	callee.shared->seen++;
	return true;
}

static void futex_tell(void)
{
	shared_wake(&callee.shared->go);
}

static bool semaphore_wait(void)
{
	return !sem_wait(&callee.shared->semaphore);
}

static void semaphore_tell(void)
{
	sem_post(&callee.shared->semaphore);
}

static bool memory_wait(void)
{
	while (atomic_load(&callee.shared->go) == callee.shared->seen)
		sched_yield();
	callee.shared->seen++;
	return true;
}

static void memory_tell(void)
{
	atomic_fetch_add(&callee.shared->go, 1);
}

/* ---- ptrace -------------------------------------------------------------------------------------- */

static bool ptrace_wait(void)
{
	if (!callee.is_traced && ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		return false;
	callee.is_traced = true;
	raise(SIGSTOP);
	return true;
}

static void ptrace_ready(void)
{
	int status;

	if (waitpid(callee_pid(), &status, 0) < 0 || !WIFSTOPPED(status))
		die("the callee does not stop");
}

static void ptrace_tell(void)
{
	if (ptrace(PTRACE_CONT, callee_pid(), NULL, NULL))
		die("PTRACE_CONT");
}

const struct go ways_to_go[] = {
	{ "write", pipe_wait, pipe_tell, NULL },
	{ "stdio", stdio_wait, stdio_tell, NULL },
	{ "eventfd", event_wait, event_tell, NULL },
	{ "kill", signal_wait, signal_tell, NULL },
	{ "futex", futex_wait, futex_tell, NULL },
	{ "semaphore", semaphore_wait, semaphore_tell, NULL },
	{ "memory", memory_wait, memory_tell, NULL },
	{ "ptrace", ptrace_wait, ptrace_tell, ptrace_ready },
	{},
};
