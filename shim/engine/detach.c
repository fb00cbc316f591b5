// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "detach.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <time.h>

#include "fd_limit.h"
#include "kernel.h"
#include "perf_links.h"
#include "process.h"
#include "stats.h"
#include "thread.h"
#include "uprobe.h"

atomic_int detach_pending;

/* What the closers and the holder of the engine's lock share. */
static struct futex_lock lock;
static struct uprobe *waiting, **last_waiting = &waiting; /* first in, first out */
static struct uprobe *detached;
static int closers;
static atomic_int not_closed; /* of those that are pending */

/** For the report and a terminal: where nobody looks, a process that was locked up (seccomp) is spared the
 * call. */
static uint64_t now_ns(void)
{
	struct timespec now;

	if (!report_is_wanted() && !stats_at_terminal())
		return 0;
	sys_clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- the threads --------------------------------------------------------------------------------- */

/** The next link to close; without one, the thread that asks is no longer counted. */
static struct uprobe *next_link(void)
{
	struct uprobe *uprobe;

	futex_lock(&lock);
	uprobe = waiting;
	if (!uprobe)
		closers--;
	else if (!(waiting = uprobe->detach.next))
		last_waiting = &waiting;
	futex_unlock(&lock);
	return uprobe;
}

static void close_link(struct detach *detach)
{
	const uint64_t start = now_ns();

	if (detach->nothing_fd >= 0)
		sys_dup3(detach->nothing_fd, detach->fd, O_CLOEXEC);
	else
		sys_close(detach->fd);
	detach->duration_ns = now_ns() - start;
}

static void is_detached(struct uprobe *uprobe)
{
	futex_lock(&lock);
	uprobe->detach.next = detached;
	detached = uprobe;
	futex_unlock(&lock);
	if (atomic_fetch_sub(&not_closed, 1) == 1)
		futex_wake(&not_closed, INT_MAX);
}

static void close_links(void)
{
	struct uprobe *uprobe;

	kernel_call(SYS_prctl, PR_SET_NAME, (long)"upshift-detach", 0, 0, 0, 0);
	while ((uprobe = next_link())) {
		close_link(&uprobe->detach);
		is_detached(uprobe);
	}
}

/** Is there a thread, or could one be made? With as many as there may be, those who are there go on. */
static bool add_closer(void)
{
	int now;

	futex_lock(&lock);
	now = closers;
	if (now < DETACH_THREADS)
		closers++;
	futex_unlock(&lock);
	if (now >= DETACH_THREADS || thread_start(close_links) == 0)
		return true;
	futex_lock(&lock);
	closers--;
	now = closers;
	futex_unlock(&lock);
	return now;
}

/* ---- handing over -------------------------------------------------------------------------------- */

/** A thread for it comes after it; the last one there takes what is in the queue before it goes. */
static bool enqueue(struct uprobe *uprobe, int fd, int nothing_fd)
{
	uprobe->detach = (struct detach){ .pending = true, .fd = fd, .nothing_fd = nothing_fd };
	atomic_fetch_add(&detach_pending, 1);
	atomic_fetch_add(&not_closed, 1);
	futex_lock(&lock);
	*last_waiting = uprobe;
	last_waiting = &uprobe->detach.next;
	futex_unlock(&lock);
	if (add_closer())
		return true;
	/* Nobody is there any more: the queue is as it was left here, or as the last one left it. */
	if (!waiting)
		return true;
	waiting = NULL;
	last_waiting = &waiting;
	atomic_fetch_sub(&not_closed, 1);
	atomic_fetch_sub(&detach_pending, 1);
	uprobe->detach.pending = false;
	return false;
}

void detach_private(struct uprobe *uprobe, int fd)
{
	if (!enqueue(uprobe, fd, -1)) {
		sys_close(fd);
		uprobe_put(uprobe);
	}
}

bool detach_in_place(struct uprobe *uprobe, int fd, int nothing_fd)
{
	return !uprobe->detach.pending && enqueue(uprobe, fd, nothing_fd);
}

/* ---- afterwards ---------------------------------------------------------------------------------- */

void detach_reap(void)
{
	struct uprobe *done, *next;

	futex_lock(&lock);
	done = detached;
	detached = NULL;
	futex_unlock(&lock);
	for (; done; done = next) {
		next = done->detach.next;
		uprobe_report_detach(done, done->detach.duration_ns);
		done->detach.pending = false;
		atomic_fetch_sub(&detach_pending, 1);
		uprobe_put(done);
	}
}

void detach_wait_closed(void)
{
	const uint64_t start = now_ns();
	long pause = 1;
	int left;

	while ((left = atomic_load(&not_closed)) > 0) {
		if (futex_wait_for(&not_closed, left, pause))
			continue;
		stats_still_detaching(left, now_ns() - start);
		pause *= 2;
	}
}

void detach_wait(void)
{
	sigset_t signals;

	detach_wait_closed();
	engine_lock(&signals);
	detach_reap();
	engine_unlock(&signals);
}

/** Closes fd here; the lock is given up meanwhile. */
static long close_here(struct uprobe *uprobe, int fd, sigset_t *signals)
{
	const uint64_t start = now_ns();
	uint64_t duration_ns;
	long result;

	engine_unlock(signals);
	result = sys_close(fd);
	perf_links_close(uprobe->others);
	engine_lock(signals);
	duration_ns = now_ns() - start;
	uprobe_report_detach(uprobe, duration_ns);
	if (uprobe->state == UPROBE_NATIVE)
		stats_native_detach(duration_ns);
	return result;
}

static long private_copy(int fd, enum detach_wait wait)
{
	long copy = fd_limit_dup_apart(fd);

	/* No more fds than before are taken from the tool until it goes on. */
	if (copy < 0 && wait == WAIT_LATER)
		copy = sys_fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return copy;
}

long detach(struct uprobe *uprobe, int fd, enum detach_wait wait, sigset_t *signals)
{
	long copy = wait == WAIT_HERE || uprobe->detach.pending ? -EBUSY : private_copy(fd, wait);

	if (copy < 0)
		return close_here(uprobe, fd, signals);
	/* Before anything closes the copy: the last close is the one that waits. */
	sys_close(fd);
	if (enqueue(uprobe, (int)copy, -1))
		return 0;
	return close_here(uprobe, (int)copy, signals);
}

/** What waits in the queue is still open here, as copies: without the parent's threads it has to go now. */
void detach_adopt(void)
{
	for (struct uprobe *uprobe = waiting; uprobe; uprobe = uprobe->detach.next)
		sys_close(uprobe->detach.fd);
	waiting = detached = NULL;
	last_waiting = &waiting;
	closers = 0;
	lock = (struct futex_lock){ 0 };
	atomic_store(&not_closed, 0);
	atomic_store(&detach_pending, 0);
}
