/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A tool whose links take their time to be detached, as on a real kernel. */
#ifndef UPSHIFT_DETACH_TOOL_H
#define UPSHIFT_DETACH_TOOL_H

#include "tool.h"

#include "config.h"
#include "detach.h"
#include "stats.h"

/** When a close is past, from which on no hit counts; and when it is all over. */
enum { PAST_US = 35 + 50, GRACE_US = 30000, MOMENT_US = 1000 };

/** Its program, for all of its links. */
extern int prog;

/** On 6.18, or another kernel. */
void start_detaching(enum detach_mode mode);
void start_detaching_on(const struct fake_features *features, enum detach_mode mode);

int link_at(uint64_t offset);
/** One link of so many probes, as libbpf attaches a USDT's locations; closing the last fd detaches it. */
enum { MOST_PROBES = 4 };
int link_of_many(unsigned int probes);

/** How long this takes. */
uint64_t closing_takes(int fd);
/** Of a new link. */
void close_one(void);

/** In a thread of the tool's own, to its end. */
void in_thread(void (*does)(void));

/** The probes count no hits any more; the kernel may still be waiting. */
bool none_counts(void);
/** The kernel is done with it. */
bool all_is_detached(void);

/** In the line of the report for each. */
#define DETACHES "\"event\":\"detach\""

#endif
