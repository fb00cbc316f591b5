/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Probes on functions that are each called once before their detach and once after it, by whoever the detach
 * must not depend on: each is to be counted once.
 */
#ifndef TESTS_EXACT_RIG_H
#define TESTS_EXACT_RIG_H

#include "callee.h"
#include "exact.skel.h"
#include "places.h"
#include "scenario.h"

struct exact {
	struct exact_bpf *skel;
	struct bpf_link *links[NR_PLACES];
	int nr; /* of them */
	const char *path;
	size_t offset;
	volatile __u64 *counts; /* mapped */
	struct ring_buffer *ring;
	int events[NR_PLACES];
	int late, lost;
};

/* On functions of the executable until told otherwise. */
void exact_up(struct exact *exact);
void exact_down(struct exact *exact);
/* The callee's functions, in this file. */
void exact_use(struct exact *exact, const char *path);
/*
 * How many rounds: as many as there are places where links are upgraded; a few on the perf path, where each
 * detach takes its time. The first one says what sort of link it is.
 */
int exact_rounds(struct exact *exact, int few);
/* Attaches to so many places, and calls each once, where somebody is there to do it. */
void exact_attach(struct exact *exact, int nr);
struct bpf_link *exact_attach_one(struct exact *exact, int place);
void exact_call(int first, int nr);
/* The callee has called it twice: what has been counted, without asking bpf() for it? */
void exact_check(struct exact *exact, int place);
/* What the map says by now, and the ring buffer. Prints "late 0 lost 0" if all is well; forgets all counts.
 */
void exact_say(struct exact *exact, const char *what);

#endif
