/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the bench programs share. Each measures one thing once and prints "name value" lines; scripts/bench
 * repeats and compares. None knows whether upshift is there: that is the environment's business.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>
#include <sys/types.h>
#include "tally.h"

/* common.c */
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);
/* A number from the command line, from 1 on. */
int number(const char *text);
double now(void); /* seconds */

/* target.c: the traced process. */
struct target {
	pid_t pid;
	FILE *commands, *answers;
};

void target_start(struct target *target);
void target_stop(struct target *target);
__attribute__((format(printf, 2, 3))) void target_tell(struct target *target, const char *format, ...);
/* The next number that it answers. */
long target_answer(struct target *target);
/* An absolute path. */
const char *target_path(void);

#endif
