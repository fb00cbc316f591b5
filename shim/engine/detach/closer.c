// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "closer.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "closer_sight.h"
#include "kernel.h"
#include "process.h"
#include "static_tls.h"
#include "stats.h"
#include "thread.h"
#include "thread_limit.h"

enum { NS_IN_US = 1000, NS_IN_S = 1000000000 };

/* AWAITED is CLOSING with somebody who wants to be woken. */
enum closer_state { FREE, CLOSING, AWAITED, CLOSED };

struct closer {
	_Atomic int state;
	_Atomic int tid; /* the kernel's: 0 when the thread is over */
	int thread;      /* the same, until the thread is known to be gone */
	struct closer_job job;
	_Atomic uint64_t ticket;
	const void *caller; /* the tool's thread that closed the link */
	uint64_t duration_ns;
};

static struct closer closers[CLOSERS];
static uint64_t last_ticket;
static atomic_int started; /* closers that are not FREE */

/* By its address, which of the tool's threads this is; and whether it may have closed something. */
static STATIC_TLS bool has_closed;

/* ---- the threads --------------------------------------------------------------------------------- */

static void close_link(void *arg)
{
	struct closer *closer = arg;
	const uint64_t start = stats_now_ns();

	kernel_call(SYS_prctl, PR_SET_NAME, (long)"upshift-detach", 0, 0, 0, 0);
	keeper_let_go(&closer->job.kept);
	if (closer->job.nothing_fd >= 0)
		sys_dup3(closer->job.nothing_fd, closer->job.fd, O_CLOEXEC);
	else
		sys_close(closer->job.fd);
	closer->duration_ns = stats_now_ns() - start;
	if (atomic_exchange(&closer->state, CLOSED) == AWAITED)
		futex_wake(&closer->state, INT_MAX);
}

static struct closer *find_free(void)
{
	for (unsigned int i = 0; i < CLOSERS; i++)
		if (atomic_load(&closers[i].state) == FREE && !atomic_load(&closers[i].tid))
			return &closers[i];
	return NULL;
}

bool closer_start(const struct closer_job *job, struct closing *closing)
{
	struct closer *closer = atomic_load(&started) < thread_limit() ? find_free() : NULL;
	long tid;

	if (!closer)
		return false;
	closer->job = *job;
	closer->caller = &has_closed;
	atomic_store(&closer->ticket, ++last_ticket);
	atomic_store(&closer->state, CLOSING);
	tid = thread_start((unsigned int)(closer - closers), close_link, closer, &closer->tid);
	if (tid < 0) {
		atomic_store(&closer->tid, 0);
		atomic_store(&closer->state, FREE);
		return false;
	}
	closer->thread = (int)tid;
	atomic_fetch_add(&started, 1);
	has_closed = true;
	*closing = (struct closing){ .closer = (unsigned int)(closer - closers), .ticket = last_ticket };
	return true;
}

/* ---- waiting for them ---------------------------------------------------------------------------- */

static bool is_closing(const struct closer *closer, uint64_t ticket)
{
	const int state = atomic_load(&closer->state);

	return (state == CLOSING || state == AWAITED) && atomic_load(&closer->ticket) == ticket;
}

/** For so long at most, or not at all: has it closed its link? */
static bool wait_for(struct closer *closer, uint64_t ticket, long ns)
{
	int closing = CLOSING;

	if (!is_closing(closer, ticket) || !ns)
		return !is_closing(closer, ticket);
	/* Should another have its place by now, that one wakes somebody in vain. */
	atomic_compare_exchange_strong(&closer->state, &closing, AWAITED);
	futex_wait_for(&closer->state, AWAITED, ns);
	return !is_closing(closer, ticket);
}

/** A closer that is not held up is past after some 40 us: it is looked at for about 100, and then in naps. */
void closer_wait_past(const struct closing *closing)
{
	enum { LOOKS = 48, FIRST_NAP = 20 * NS_IN_US, LONGEST_NAP = 1000 * NS_IN_US };
	struct closer *closer = &closers[closing->closer];
	struct sight sight;
	long nap = 0;

	sight_open(&sight, closer->thread, closer->job.many);
	for (int looks = 0; !sight_is_past(&sight) && !wait_for(closer, closing->ticket, nap); looks++) {
		if (!sight_is_open(&sight))
			nap = NS_IN_S;
		else if (looks >= LOOKS)
			nap = nap < FIRST_NAP ? FIRST_NAP : nap < LONGEST_NAP ? nap * 3 / 2 : nap;
	}
	sight_close(&sight);
}

static bool is_awaited(const struct closer *closer, enum closer_whose whose)
{
	const int state = atomic_load(&closer->state);

	return (state == CLOSING || state == AWAITED) &&
	       (whose == CLOSERS_OF_ALL || closer->caller == &has_closed);
}

bool closer_is_awaited(enum closer_whose whose)
{
	if (!atomic_load(&started) || (whose == CLOSERS_OF_THREAD && !has_closed))
		return false;
	for (unsigned int i = 0; i < CLOSERS; i++)
		if (is_awaited(&closers[i], whose))
			return true;
	if (whose == CLOSERS_OF_THREAD)
		has_closed = false;
	return false;
}

static int count_awaited(enum closer_whose whose)
{
	int cnt = 0;

	for (unsigned int i = 0; i < CLOSERS; i++)
		cnt += is_awaited(&closers[i], whose);
	return cnt;
}

void closer_wait(enum closer_whose whose)
{
	const uint64_t start = stats_now_ns();
	long pause = NS_IN_S;

	for (unsigned int i = 0; i < CLOSERS; i++) {
		const uint64_t ticket = atomic_load(&closers[i].ticket);

		if (!is_awaited(&closers[i], whose))
			continue;
		while (!wait_for(&closers[i], ticket, pause)) {
			stats_still_detaching(count_awaited(whose), stats_now_ns() - start);
			pause *= 2;
		}
	}
}

void closer_wait_for_room(void)
{
	struct closer *oldest = NULL;
	uint64_t ticket = UINT64_MAX;

	for (unsigned int i = 0; i < CLOSERS; i++)
		if (is_awaited(&closers[i], CLOSERS_OF_ALL) && atomic_load(&closers[i].ticket) < ticket) {
			oldest = &closers[i];
			ticket = atomic_load(&oldest->ticket);
		}
	if (oldest)
		wait_for(oldest, ticket, NS_IN_S);
}

/** A thread that is over is still one of the process's until the kernel has no more to do for it. */
static void wait_until_gone(struct closer *closer)
{
	const struct timespec nap = { .tv_nsec = 50 * NS_IN_US };

	while (closer->thread && kernel_call(SYS_tgkill, process_id(), closer->thread, 0, 0, 0, 0) == 0)
		kernel_call(SYS_nanosleep, (long)&nap, 0, 0, 0, 0, 0);
	closer->thread = 0;
}

void closer_wait_gone(void)
{
	closer_wait(CLOSERS_OF_ALL);
	for (unsigned int i = 0; i < CLOSERS; i++)
		wait_until_gone(&closers[i]);
}

/* ---- afterwards ---------------------------------------------------------------------------------- */

void *closer_reap(uint64_t *duration_ns)
{
	for (unsigned int i = 0; atomic_load(&started) && i < CLOSERS; i++) {
		struct closer *closer = &closers[i];

		if (atomic_load(&closer->state) != CLOSED)
			continue;
		*duration_ns = closer->duration_ns;
		atomic_store(&closer->state, FREE);
		atomic_fetch_sub(&started, 1);
		return closer->job.owner;
	}
	return NULL;
}

void closer_adopt(void)
{
	memset(closers, 0, sizeof(closers));
	atomic_store(&started, 0);
	has_closed = false;
}
