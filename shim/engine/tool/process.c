// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "process.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel.h"
#include "thread.h"

/*
 * In a page that the kernel wipes in fork children (MADV_WIPEONFORK, Linux 4.14): there a zero owner tells
 * that the memory is a copy, by whatever call it was made. No handler of pthread_atfork() takes the lock: it
 * would hold it while those of other libraries run.
 */
static _Atomic int *owner;

enum { NOBODY = 0, ADOPTING = INT_MIN };

/* Not libc's: that ends the process where futex() is forbidden, which a tool of one thread may never call. */
static struct futex_lock lock;

enum { MOST_ADOPTERS = 4 };
static void (*adopters[MOST_ADOPTERS])(void);
static int adopter_cnt;

void process_on_fork(void (*adopt)(void))
{
	adopters[adopter_cnt++] = adopt;
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
	owner = (void *)page;
	kernel_own_pid = sys_getpid();
	*owner = kernel_own_pid;
	return 0;
}

bool process_is_ours(void)
{
	const int self = sys_getpid();
	int found = NOBODY;

	if (atomic_compare_exchange_strong(owner, &found, ADOPTING)) {
		lock = (struct futex_lock){ 0 }; /* another thread may have held it */
		for (int i = 0; i < adopter_cnt; i++)
			adopters[i]();
		kernel_own_pid = self < 0 ? 0 : self;
		atomic_store(owner, self);
	}
	while ((found = atomic_load(owner)) == ADOPTING)
		sched_yield();
	/* Where getpid() is forbidden by now, nothing can be told apart. */
	return found == self || self < 0;
}

pid_t process_id(void)
{
	return owner ? atomic_load(owner) : sys_getpid();
}

void engine_lock(sigset_t *saved)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, saved);
	futex_lock(&lock);
}

void engine_unlock(const sigset_t *saved)
{
	futex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, saved, NULL);
}
