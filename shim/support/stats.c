// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "stats.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "kernel.h"
#include "log.h"
#include "report.h"

enum { NS_IN_S = 1000000000 };

atomic_int stats_detaching;

static bool at_terminal;

/* ---- what is attached ---------------------------------------------------------------------------- */

struct stats {
	long multi, perf;
	int detaching;
};

static struct stats now(void)
{
	const int detaching = atomic_load(&stats_detaching); /* these are reported when they are done */

	return (struct stats){ report_attached(REPORT_MULTI) - detaching, report_attached(REPORT_PERF),
			       detaching };
}

static void print(struct stats stats)
{
	const char *reason;
	unsigned long cnt;

	log_write("%ld probes attached: %ld on multi links, %ld on perf events; links being "
		  "detached: %d",
		  stats.multi + stats.perf, stats.multi, stats.perf, stats.detaching);
	for (unsigned int i = 0; (reason = report_reason(i, &cnt)); i++)
		log_write("  %lu not upgraded: %s", cnt, reason);
}

static void on_signal(int number)
{
	const int saved_errno = errno;

	(void)number;
	print(now());
	errno = saved_errno;
}

static void *watch(void *unused)
{
	const struct timespec second = { .tv_sec = 1 };
	struct stats before = { 0 };

	(void)unused;
	pthread_setname_np(pthread_self(), "upshift-stats");
	for (;;) {
		const struct stats stats = now();

		if (stats.multi != before.multi || stats.perf != before.perf ||
		    stats.detaching != before.detaching)
			print(stats);
		before = stats;
		nanosleep(&second, NULL);
	}
	return NULL;
}

static void start_watching(void)
{
	sigset_t all, signals;
	pthread_t thread;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &signals);
	if (pthread_create(&thread, NULL, watch, NULL) == 0)
		pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &signals, NULL);
}

void stats_start(void)
{
	struct sigaction action;
	struct termios termios;

	at_terminal = sys_ioctl(STDERR_FILENO, TCGETS, (long)&termios) == 0;
	if (config.stats == STATS_OFF)
		return;
	if (sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
		action = (struct sigaction){ .sa_handler = on_signal, .sa_flags = SA_RESTART };
		sigaction(SIGUSR1, &action, NULL);
	}
	if (config.stats == STATS_ON)
		start_watching();
}

/* ---- what takes long ----------------------------------------------------------------------------- */

uint64_t stats_now_ns(void)
{
	struct timespec now;

	if (!report_is_wanted() && !at_terminal)
		return 0;
	sys_clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_IN_S + (uint64_t)now.tv_nsec;
}

void stats_still_detaching(int left, uint64_t ns)
{
	if (at_terminal)
		log_write("waiting for the kernel to detach %d links, for %u s now", left,
			  (unsigned int)(ns / NS_IN_S));
}

void stats_native_detach(uint64_t ns)
{
	static _Atomic uint64_t total, next_line = NS_IN_S;
	const uint64_t spent = atomic_fetch_add(&total, ns) + ns;
	uint64_t line = atomic_load(&next_line);

	if (spent < line || !atomic_compare_exchange_strong(&next_line, &line, 2 * spent) || !at_terminal)
		return;
	log_write("%u s spent so far on detaching perf events, one by one; %ld are left",
		  (unsigned int)(spent / NS_IN_S), report_attached(REPORT_PERF) - 1);
}

void stats_exit(void)
{
	enum { MANY = 10 }; /* from about a second on */
	const long perf = report_attached(REPORT_PERF);

	if (config.stats == STATS_ON)
		print(now());
	if (perf >= MANY && at_terminal)
		log_write("%ld probes are on perf events: the kernel detaches them now, one by one", perf);
}
