// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The tests, for one row and one build of the scenarios each. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include "row.h"

struct check {
	const struct row *row;
	const struct row *base; /* the row of the scenario itself */
	enum build build;
	const char *upshift;             /* path of the library, or NULL: without only */
	bool has_multi, ignores_returns; /* the kernel */
	bool unreached;                  /* upshift cannot be preloaded into this tool */
	const char *settings; /* for all scenarios, in place of a row's; then links may be shared, or NULL */
};

/* cmocka tests; *state is a struct check. */
void check_row(void **state);
void check_settings(void **state);
void check_report(void **state);
void check_report_of_processes(void **state);
void check_log_file(void **state);
void check_require(void **state);

/* How many attaches are on perf events because of the kernel, by the report. There must be no multi link. */
int report_perf_for_kernel(const char *path);

struct run;
/* Ended well, printed what it had to, and left no link behind. */
void check_run(const struct check *check, const struct run *run, const char *how);

#endif
