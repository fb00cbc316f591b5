/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What the scenarios that detach many links, or look at what comes too late, have in common. */
#ifndef TESTS_DETACH_RIG_H
#define TESTS_DETACH_RIG_H

#include "scenario.h"

void destroy_many(struct bpf_link **links, int nr);

/*
 * From here on, threads and processes that are made do not run before this one waits for something: what it
 * does not wait for is still to be done. Where that may not be asked for, it depends on chance.
 */
void hold_back(void);
void let_go(void);

/* Hits in a map, those with a 1 as argument or all. */
__u64 counted(int map, bool with_one);

/* Two links on somebody who is busy, and whatever is counted after their end. */
struct late {
	struct rig rig;
	struct busy *busy;
	struct bpf_link *links[2], *other;
	volatile int child_holds;
};

void late_up(struct late *late);
void attach_busy(struct late *late);
/* How many hits came late; ends what hold_back() began. */
void say_late(struct late *late, const char *what);
void late_down(struct late *late);

/* A line of /proc/self/status. */
long status_number(const char *name);
/* Until this one is the only one. */
void await_threads(void);

#endif
