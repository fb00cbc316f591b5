/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Detaching: what closing the last fd of a link means, and who waits for it.
 *
 * A close is exact. When it returns, no later hit counts, and the breakpoint is out of the target's text. A
 * handler that was running when the close began may still add its hit: whoever reads counts waits for the
 * grace periods of what that thread has closed itself (detach_wait()), and for nobody else's.
 *
 * detach_begin() and detach_reap() are for the holder of the engine's lock. Nothing here allocates: close()
 * may be called in a signal handler.
 */
#ifndef UPSHIFT_DETACH_H
#define UPSHIFT_DETACH_H

#include <signal.h>
#include <stdbool.h>

#include "closer.h"

struct uprobe;

enum detach_way {
	DETACH_HERE,      /* the close itself waits for all of it */
	DETACH_PAST,      /* a closer closes it; the close waits until no later hit counts */
	DETACH_BY_KERNEL, /* nobody waits: the pin is the last to go, and the kernel's workers detach */
};

/** One close that detaches. */
struct detach {
	struct uprobe *uprobe;
	int fd;
	enum detach_way way;
	struct closing closing;
};

/** Does closing this fd detach an uprobe, as far as this process sees? NULL if not. */
struct uprobe *detach_of(int fd);

/** Begins the detach of detach_of(fd). The lock may be given up meanwhile, with the caller's signals. */
void detach_begin(struct detach *detach, struct uprobe *uprobe, int fd, sigset_t *signals);

/** Without the lock: ends it, as far as the close has to wait. close()'s result. */
long detach_end(struct detach *detach);

/**
 * As if fd were closed, for the end of the process, or before it is closed with many others: a closer puts
 * nothing_fd (-1: nothing) in its place, and no later hit counts when this returns. False where there is no
 * closer to be had, and then nothing is done. The lock is given up meanwhile.
 */
bool detach_by_closer(struct uprobe *uprobe, int fd, int nothing_fd, sigset_t *signals);

/** Lets go of what keeps a link that something else is just about to close. */
void detach_before_close(struct uprobe *uprobe);

/** Waits until all that these have closed is detached, and reports it. */
void detach_wait(enum closer_whose whose);

/** Reports what has been detached so far. */
void detach_reap(void);

/** From now on close() has to do: the process restricts its system calls. */
void detach_lock_up(void);
bool detach_is_locked_up(void);

/** In a fork child, which has the state but none of the threads. */
void detach_adopt(void);

#endif
