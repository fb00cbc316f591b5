/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What callee.c and callee_go.c have in common. */
#ifndef TESTS_CALLEE_SHARED_H
#define TESTS_CALLEE_SHARED_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include "callee.h"

/* In memory that both have. */
struct callee_shared {
	atomic_int go, done; /* of both, the low bits count */
	int seen;            /* of go, by the callee */
	int first, nr;       /* what to call */
	bool stop;
	sem_t semaphore;
	const char *places; /* where they are in the callee, */
	size_t offset;      /* and in their file */
};

struct callee {
	enum who who;
	const struct go *go;
	struct callee_shared *shared;
	int fds[2], event, memory;
	FILE *in, *out; /* the same pipe */
	bool is_traced;
	pid_t pid;
};

extern struct callee callee;

void shared_wait(atomic_int *word, int value);
void shared_wake(atomic_int *word);

#endif
