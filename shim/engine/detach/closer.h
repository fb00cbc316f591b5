/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Closers: threads of ours (thread.h) that each close one link, on the tool's own fd number.
 *
 * The last close() of a link takes the probe off the kernel's list and its breakpoint out, and then waits for
 * grace periods, some 25 to 50 ms, for handlers that are still running. A closer spares the tool that second
 * part: closer_wait_past() returns when the first is over, from when on no hit counts. Closers that wait for
 * a grace period at the same time wait for the same one.
 *
 * A signal that kills the process breaks the first part off, and the kernel then leaves a breakpoint for good
 * ("failed to unregister, leaking uprobe"). So each of the tool's threads has one closer in it at most, just
 * as it would be in one close() itself.
 *
 * closer_start() and closer_reap() are for the holder of the engine's lock, the waits for who does not hold
 * it. Nothing here allocates: close() may be called in a signal handler.
 */
#ifndef UPSHIFT_CLOSER_H
#define UPSHIFT_CLOSER_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper.h"
#include "thread.h"

enum { CLOSERS = THREADS }; /* what a loop of close() can start before the first of them is through */

/** What one closer does. */
struct closer_job {
	int fd;           /* out of the tool's table as soon as its close begins */
	int nothing_fd;   /* what takes the fd's place, or -1 */
	bool many;        /* the link has more than one probe */
	struct kept kept; /* let go before the fd is closed, so that this close is the last */
	void *owner;      /* whose link it is, for closer_reap() */
};

/** A job that was started: a closer and the ticket it had then. */
struct closing {
	unsigned int closer;
	uint64_t ticket;
};

/** The closers that a call waits for. */
enum closer_whose { CLOSERS_OF_THREAD, CLOSERS_OF_ALL };

/** Starts a closer. False where the process cannot bear another thread now, or cannot make one. */
bool closer_start(const struct closer_job *job, struct closing *closing);

/**
 * Waits until the probes of this link are off the kernel's lists and their breakpoints are out; or, where
 * that cannot be seen, until the link is closed.
 */
void closer_wait_past(const struct closing *closing);

/** Waits until those closers that are at work now have closed their links. */
void closer_wait(enum closer_whose whose);

/** Is there one that closer_wait() would wait for? A few instructions. */
bool closer_is_awaited(enum closer_whose whose);

/** Waits for one of them, whichever is through first. */
void closer_wait_for_room(void);

/** The same, and until the kernel has no thread of ours any more: before what it allows to one thread only.
 */
void closer_wait_gone(void);

/** The owner of a link that is closed by now, and how long that took; NULL if there is none. */
void *closer_reap(uint64_t *duration_ns);

/** In a fork child, which has the state but none of the threads. */
void closer_adopt(void);

#endif
