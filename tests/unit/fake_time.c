// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Time, upshift's own threads, and how long a detach takes.
 *
 * Time goes on only when somebody sleeps or waits. A thread of upshift's is one of the process's that has its
 * turn when it is due and somebody else sleeps; never two run at once, so nothing here needs a lock.
 */
#include "fake_internal.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "thread.h"

enum { MAX_THREADS = 4096, US = 1000, NS_IN_S = 1000000000, BOOT_S = 1000, FIRST_TID = 100000 };

/* Between a thread's last instruction and its end, as the kernel sees it; and until a worker gets to a link.
 */
enum { EXIT_US = 60, WORKER_US = 100 };

static const struct fake_detach_times as_on_6_18 = { .begin_us = 35, .first_us = 50, .grace_us = 30000 };

struct thread {
	pthread_t thread;
	sem_t turn, back;
	thread_fn fn;
	void *arg;
	_Atomic int *tid_word;
	uint64_t due, ends; /* ends: 0 while it runs */
	struct fake_object *closing;
};

struct waiter {
	const void *word;
	bool woken;
	struct waiter *next;
};

static struct thread threads[MAX_THREADS];
static unsigned int thread_cnt, most_threads;
static int threads_left;
static uint64_t now;
static struct fake_detach_times times;
static struct waiter *waiters;
static struct fake_closes closes;

/** Of upshift's threads, in one of them. */
static __thread struct thread *self;

/* ---- time ---------------------------------------------------------------------------------------- */

static void pass_to(uint64_t time)
{
	if (time > now)
		now = time;
	if (now > (uint64_t)(BOOT_S + 7200) * NS_IN_S) {
		fprintf(stderr, "waits for ever\n");
		abort();
	}
	links_settle(now);
	bpffs_settle(now);
}

/** Gives the thread that is due first its turn; false if none is until then. */
static bool run_next(uint64_t until)
{
	struct thread *first = NULL;

	for (unsigned int i = 0; i < thread_cnt; i++)
		if (!threads[i].ends && threads[i].due <= until && (!first || threads[i].due < first->due))
			first = &threads[i];
	if (!first)
		return false;
	pass_to(first->due);
	sem_post(&first->turn);
	sem_wait(&first->back);
	return true;
}

static void sleep_until(uint64_t time)
{
	if (self) {
		self->due = time;
		sem_post(&self->back);
		sem_wait(&self->turn);
		return;
	}
	while (run_next(time))
		;
	pass_to(time);
}

uint64_t time_now(void)
{
	return now;
}

uint64_t fake_now_us(void)
{
	return now / US;
}

void fake_sleep_ms(unsigned int ms)
{
	sleep_until(now + (uint64_t)ms * 1000 * US);
}

static uint64_t ns_of(const struct timespec *time)
{
	return (uint64_t)time->tv_sec * NS_IN_S + (uint64_t)time->tv_nsec;
}

static long do_clock_gettime(struct timespec *time)
{
	*time = (struct timespec){ .tv_sec = (time_t)(now / NS_IN_S), .tv_nsec = (long)(now % NS_IN_S) };
	return 0;
}

/* ---- how long a detach takes --------------------------------------------------------------------- */

void fake_time_detaches(const struct fake_detach_times *wanted)
{
	times = *wanted;
}

void fake_slow_detaches(void)
{
	times = as_on_6_18;
}

struct fake_closes fake_closes(void)
{
	return closes;
}

static bool takes_time(void)
{
	return times.begin_us || times.first_us || times.grace_us;
}

static void set_times(struct fake_object *link, uint64_t from)
{
	link->detached_at = from + (uint64_t)times.first_us * US;
	link->gone_at = link->detached_at + (uint64_t)times.grace_us * US;
	link->dying = true;
}

/** The last close: whoever closes does it all. */
void link_close_last(struct fake_object *link)
{
	closes.direct++;
	set_times(link, now);
	if (self)
		self->closing = link;
	sleep_until(link->gone_at);
	if (self)
		self->closing = NULL;
	links_settle(now);
}

/** The last pin: a worker does it, who knows when. */
void link_unpin_last(struct fake_object *link)
{
	closes.by_workers++;
	set_times(link, takes_time() ? now + WORKER_US * US : now);
	links_settle(now);
}

enum fake_stage thread_stage(int tid)
{
	const struct thread *thread = &threads[tid - FIRST_TID];

	if (!thread->closing)
		return STAGE_RUNNING;
	return now < thread->closing->detached_at ? STAGE_FIRST : STAGE_SECOND;
}

bool thread_is_there(int tid)
{
	const unsigned int i = (unsigned int)(tid - FIRST_TID);

	return tid >= FIRST_TID && i < thread_cnt && (!threads[i].ends || threads[i].ends > now);
}

/* ---- threads ------------------------------------------------------------------------------------- */

/** Never at work, not even at its own beginning and end, when another one has its turn: that one may fork. */
static void *run_thread(void *arg)
{
	struct thread *thread = arg;

	self = thread;
	sem_post(&thread->back);
	sem_wait(&thread->turn);
	thread->fn(thread->arg);
	*thread->tid_word = 0;
	thread->ends = now + EXIT_US * US;
	sem_post(&thread->back);
	for (;;)
		pause();
	return NULL;
}

static long start_pthread(struct thread *thread)
{
	pthread_attr_t attr;
	int err;

	sem_init(&thread->turn, 0, 0);
	sem_init(&thread->back, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	err = pthread_create(&thread->thread, &attr, run_thread, thread);
	pthread_attr_destroy(&attr);
	if (!err)
		sem_wait(&thread->back);
	return -err;
}

static unsigned int threads_running(void)
{
	unsigned int cnt = 0;

	for (unsigned int i = 0; i < thread_cnt; i++)
		cnt += !threads[i].ends;
	return cnt;
}

/** Where a detach takes no time, a thread runs to its end at once. */
static long start_thread(unsigned int stack, thread_fn fn, void *arg, _Atomic int *tid)
{
	struct thread *thread = &threads[thread_cnt];
	const int id = FIRST_TID + (int)thread_cnt;
	long err = 0;

	(void)stack;
	if (!threads_left || thread_cnt == MAX_THREADS)
		return -EAGAIN;
	if (threads_left > 0)
		threads_left--;
	*thread = (struct thread){ .fn = fn, .arg = arg, .tid_word = tid };
	thread->due = now + (uint64_t)times.begin_us * US;
	thread_cnt++;
	if (threads_running() > most_threads)
		most_threads = threads_running();
	*tid = id;
	if (takes_time()) {
		err = start_pthread(thread);
	} else {
		thread->ends = now;
		fn(arg);
		*tid = 0;
	}
	return err ? err : id;
}

void fake_limit_threads(int limit)
{
	threads_left = limit;
}

unsigned int fake_threads(void)
{
	return thread_cnt;
}

unsigned int fake_most_threads(void)
{
	return most_threads;
}

unsigned int fake_threads_there(void)
{
	unsigned int cnt = 0;

	for (unsigned int i = 0; i < thread_cnt; i++)
		cnt += thread_is_there(FIRST_TID + (int)i);
	return cnt;
}

void threads_forked(void)
{
	for (unsigned int i = 0; i < thread_cnt; i++)
		threads[i].ends = now;
	self = NULL; /* whoever forked is the child's only thread */
	waiters = NULL;
}

/* ---- calls --------------------------------------------------------------------------------------- */

static long wake(const void *word)
{
	for (struct waiter *waiter = waiters; waiter; waiter = waiter->next)
		waiter->woken |= waiter->word == word;
	return 0;
}

static long futex(const long a[6])
{
	const _Atomic int *word = (const void *)a[0];
	const struct timespec *timeout = (const void *)a[3];
	struct waiter waiter = { .word = word, .next = waiters };
	const uint64_t until = timeout ? now + ns_of(timeout) : UINT64_MAX;

	if ((a[1] & FUTEX_CMD_MASK) == FUTEX_WAKE)
		return wake(word);
	if (*word != (int)a[2])
		return -EAGAIN;
	waiters = &waiter;
	while (!waiter.woken && run_next(until))
		;
	waiters = waiter.next;
	if (waiter.woken)
		return 0;
	pass_to(until); /* which ends the test if there is no timeout */
	return -ETIMEDOUT;
}

long time_call(long nr, const long a[6])
{
	switch (nr) {
	case SYS_futex:
		return futex(a);
	case SYS_clock_gettime:
		return do_clock_gettime((struct timespec *)a[1]);
	case SYS_nanosleep:
		sleep_until(now + ns_of((const struct timespec *)a[0]));
		return 0;
	default:
		return thread_is_there((int)a[1]) ? 0 : -ESRCH;
	}
}

void time_boot(void)
{
	now = (uint64_t)BOOT_S * NS_IN_S;
	times = (struct fake_detach_times){ 0 };
	closes = (struct fake_closes){ 0 };
	thread_cnt = most_threads = 0;
	threads_left = -1;
	waiters = NULL;
	thread_start = start_thread;
}
