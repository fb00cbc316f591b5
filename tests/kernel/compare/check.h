// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The tests, for one row and one build of the scenarios each. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include "kernel.h"
#include "row.h"

struct check {
	const struct row *row;
	const struct row *base; /* the row of the scenario itself */
	enum build build;
	const char *upshift;             /* path of the library, or NULL: without only */
	bool has_multi, ignores_returns; /* the kernel; has_multi is of the row's sort of probe */
	enum kprobe_kernel kprobes;
	bool unreached;       /* upshift cannot be preloaded into this tool */
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

/* How many attaches are on perf events, with text in the reason that the report gives. */
int report_perf_because(const char *path, const char *text);

struct run;
/* For the run with upshift. Of two settings of one variable, the later counts. */
const char *settings_of(const struct check *check);
const char *links_with(const struct check *check);
bool all_multi(const char *links);
/* With a report, where it is known what has to be in there. */
struct run run_reported(const struct check *check);

/* Ended well, printed what it had to, and left no link behind. */
void check_run(const struct check *check, const struct run *run, const char *how);

#endif
