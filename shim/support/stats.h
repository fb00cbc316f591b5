/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * UPSHIFT_STATS: what is attached now, on stderr (or in UPSHIFT_LOG_FILE). With "signal" whenever the process
 * gets SIGUSR1; with "on" also once a second if it has changed, from a thread of libc's, and at the end.
 *
 * And what a user at a terminal wants to know of, asked for or not: a detach, or an exit, of more than a
 * second. Reads counts without a lock; safe in signal handlers, but stats_start().
 */
#ifndef UPSHIFT_STATS_H
#define UPSHIFT_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** How many links are being detached, or were and are not reported yet: detach.c counts them. */
extern atomic_int stats_detaching;

/** Once, when the configuration is known. A handler that the tool has for SIGUSR1 is left as it is. */
void stats_start(void);

/**
 * The time, in ns, for a report and a terminal. 0 where nobody looks: a process that was locked up (seccomp)
 * is spared the call.
 */
uint64_t stats_now_ns(void);

/** A detach has gone on for so long, and so many links are still to be closed. */
void stats_still_detaching(int left, uint64_t ns);

/** The tool has closed a perf event itself, which took so long. */
void stats_native_detach(uint64_t ns);

/** The process ends: a last line, and a word if the kernel has many perf events to close. */
void stats_exit(void);

#endif
