// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "batch_internal.h"

#include <pthread.h>
#include <time.h>

#include "process.h"

/* A loop that attaches has paused after two of these, one that closes after some: a link that is made anew
 * too early takes time of its own, and nobody can look before it is. */
enum { PAUSE_NS = 1000000 };

static bool start_flusher(void);
bool (*batch_start_flusher)(void) = start_flusher;

static bool has_flusher;
static atomic_uint activity, pauses_needed;

static bool settle_after_pause(unsigned int seen)
{
	sigset_t signals;
	bool done;

	engine_lock(&signals);
	done = atomic_load(&activity) == seen;
	if (done) {
		batch_settle();
		has_flusher = false;
	}
	engine_unlock(&signals);
	return done;
}

static void *flush(void *unused)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	unsigned int seen = 0, pauses = 0;

	(void)unused;
	pthread_setname_np(pthread_self(), "upshift-batch");
	do {
		pauses = atomic_load(&activity) == seen ? pauses + 1 : 0;
		seen = atomic_load(&activity);
		nanosleep(&pause, NULL);
	} while (pauses < atomic_load(&pauses_needed) || !settle_after_pause(seen));
	return NULL;
}

/** With the engine's lock all signals are blocked, and so they are in the thread. */
static bool start_flusher(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool started;

	if (pthread_attr_init(&attr))
		return false;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	started = pthread_create(&thread, &attr, flush, NULL) == 0;
	pthread_attr_destroy(&attr);
	return started;
}

void batch_settle_after(unsigned int pauses)
{
	atomic_store(&pauses_needed, pauses);
	atomic_store(&batch_waits, true);
	atomic_fetch_add(&activity, 1);
	if (!has_flusher)
		has_flusher = batch_start_flusher();
	if (!has_flusher)
		batch_settle();
}

bool batch_has_flusher(void)
{
	return has_flusher;
}

void batch_forget_flusher(void)
{
	has_flusher = false;
}
