// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* One run of a scenario, and what came of it. */
#ifndef TESTS_RUN_H
#define TESTS_RUN_H

#include <stdbool.h>
#include "row.h"

#define EXIT_SKIPPED 77

struct run {
	int status; /* as from waitpid() */
	char *out, *err;
	/* Parts of out. */
	char *observations;
	char *links;
	int at_least; /* -1: nothing */
};

const char *build_name(enum build build);

/*
 * settings is NULL, or NAME=VALUE with ' ' between them. preload is NULL, or upshift. Of the row, what it is
 * to run and where.
 */
struct run run_scenario(enum build build, const struct row *row, const char *preload, const char *settings);
void run_free(struct run *run);
bool run_ok(const struct run *run);
bool run_skipped(const struct run *run);
int count_lines(const char *text);

#endif
