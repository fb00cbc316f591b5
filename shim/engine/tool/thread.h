/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Threads that libc knows nothing of, for work that is nothing but system calls.
 *
 * close() may be called in a signal handler, so what it starts must not allocate; and a tool of one thread
 * shall not find itself with more in libc's view (pthread_exit() of the last thread ends the process, stacks
 * are kept for later threads). They share the thread-local data of whoever started them, so they must not
 * call anything of libc that touches errno, allocates or locks. All their signals are blocked: the tool's
 * handlers run where they did.
 */
#ifndef UPSHIFT_THREAD_H
#define UPSHIFT_THREAD_H

#include <stdbool.h>

/** How many there can be at once, each on a stack of its own. */
enum { THREADS = 1024 };

/** What a thread runs. It is over when this returns. */
typedef void (*thread_fn)(void *arg);

/**
 * The new thread's id or a negative errno; stack is one, from 0, that no other runs on. *tid is its id as
 * well, and 0 again when it has left its stack, by when the kernel may still count it. Safe in signal
 * handlers; the caller has all signals blocked.
 */
extern long (*thread_start)(unsigned int stack, thread_fn fn, void *arg, _Atomic int *tid);

/** What thread_start is unless a test replaced it. */
long thread_clone(unsigned int stack, thread_fn fn, void *arg, _Atomic int *tid);

/** Waits until *word is no longer value, or for no reason. */
void futex_wait(_Atomic int *word, int value);
/** The same for so many nanoseconds at most: false if they are over. */
bool futex_wait_for(_Atomic int *word, int value, long ns);
void futex_wake(_Atomic int *word, int threads);

/** A lock for a few instructions, which threads of both kinds can hold. Zero is unlocked. */
struct futex_lock {
	_Atomic int state; /* 0 free, 1 held, 2 held and waited for */
};

void futex_lock(struct futex_lock *lock);
void futex_unlock(struct futex_lock *lock);

#endif
