// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "process.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel.h"

/*
 * In a page that the kernel wipes in fork children (MADV_WIPEONFORK, Linux 4.14): there a zero owner tells
 * that the memory is a copy, by whatever call it was made, and the lock comes up free.
 */
static struct {
	_Atomic int owner;
	pthread_mutex_t lock;
} * shared;

/* libc's fork() waits for the lock, so that the copy is never taken in the middle of a change. */
static sigset_t fork_signals;

static void before_fork(void)
{
	sigset_t saved;

	engine_lock(&saved);
	fork_signals = saved;
}

static void after_fork_in_parent(void)
{
	sigset_t saved = fork_signals;

	engine_unlock(&saved);
}

static void after_fork_in_child(void)
{
	sigset_t saved = fork_signals;

	pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

int process_start(void)
{
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	long page = kernel_call(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				-1, 0);
	long err;

	if (page < 0 && page > -4096)
		return (int)page;
	err = kernel_call(SYS_madvise, page, (long)size, MADV_WIPEONFORK, 0, 0, 0);
	if (err)
		return (int)err;
	shared = (void *)page;
	shared->owner = sys_getpid();
	return -pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

bool process_is_ours(void)
{
	int self = sys_getpid(), nobody = 0;

	if (atomic_compare_exchange_strong(&shared->owner, &nobody, self))
		return true;
	return nobody == self;
}

void engine_lock(sigset_t *saved)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, saved);
	pthread_mutex_lock(&shared->lock);
}

void engine_unlock(const sigset_t *saved)
{
	pthread_mutex_unlock(&shared->lock);
	pthread_sigmask(SIG_SETMASK, saved, NULL);
}
