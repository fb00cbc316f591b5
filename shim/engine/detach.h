/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Detaching uprobe_multi links, many at once.
 *
 * The last close() of a link waits for a grace period of the kernel, some 25 to 50 ms, whatever the link's
 * size; links that are closed at the same time wait together. So a link is moved to a private fd, out of the
 * tool's way, and closed by a thread of ours (thread.h): one for each link, at most DETACH_THREADS, gone when
 * nothing is left to close.
 *
 * All but detach_wait() is for the holder of the engine's lock; who waits must not hold it. Nothing here
 * allocates: close() may be called in a signal handler.
 */
#ifndef UPSHIFT_DETACH_H
#define UPSHIFT_DETACH_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct uprobe;

enum { DETACH_THREADS = 1024 };

/** A part of struct uprobe: its link while that is being closed. */
struct detach {
	bool pending;
	int fd;
	int nothing_fd; /* what to put in the fd's place, or -1 */
	uint64_t duration_ns;
	struct uprobe *next;
};

/** How many links are being closed, or were and are not reported yet; may be read without the lock. */
extern atomic_int detach_pending;

/** Who waits for a detach. */
enum detach_wait {
	WAIT_HERE,  /* the close itself */
	WAIT_LATER, /* the libbpf call that it is part of */
	WAIT_NEVER, /* nobody yet: the tool goes on */
};

/**
 * Closes fd, the last fd of the uprobe's link in this process; the result is close()'s. Waits here also where
 * there is no private fd or no thread to be had. The lock is given up meanwhile, with the caller's signals.
 */
long detach(struct uprobe *uprobe, int fd, enum detach_wait wait, sigset_t *signals);

/** Hands over a link that only this private fd holds. Without a thread, it is closed here and now. */
void detach_private(struct uprobe *uprobe, int fd);

/**
 * At the process's end: as if fd were closed, but it stays, as a copy of nothing_fd, for whoever closes it
 * still. False, with nothing done, where there is no thread.
 */
bool detach_in_place(struct uprobe *uprobe, int fd, int nothing_fd);

/** Waits until all that was handed over is detached. Takes no lock. */
void detach_wait_closed(void);

/** The same, and reports it. */
void detach_wait(void);

/** Reports what has been detached so far. */
void detach_reap(void);

/** In a fork child, which has the state but none of the threads. */
void detach_adopt(void);

#endif
