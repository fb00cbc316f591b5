// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Runs every scenario of one build without upshift, with it, and (not the static build) with it switched off.
 *
 *   compare shared|static|dlopen [GLOB]    the rows of the table whose names match
 *
 * UPSHIFT_LIB names another library than the one that was built; if it is empty, all runs are without. With
 * COMPARE_LEAVES_OUT_OFF there are no runs with upshift switched off. COMPARE_SYMBOLIC says that the shared
 * libbpf binds its calls to itself.
 */
#include <fnmatch.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../expendable.h"
#include "check.h"
#include "kernel.h"
#include "run.h"

#define MAX_TESTS  512
#define ALL_BUILDS (SHARED | STATIC | DLOPEN)

static const struct row *const tables[] = {
	attach_rows,     place_rows,       section_rows,     pid_rows,
	usdt_rows,       fd_rows,          dup_rows,         error_rows,
	lifetime_rows,   pin_rows,         raw_rows,         no_bpf_rows,
	perf_event_rows, process_rows,     thread_rows,      tail_rows,
	limit_rows,      new_section_rows, detach_rows,      many_rows,
	multi_rows,      own_multi_rows,   feature_rows,     light_rows,
	token_rows,      sandbox_rows,     native_rows,      settings_rows,
	kprobe_rows,     kprobe_life_rows, kprobe_stay_rows, kprobe_settings_rows,
	token_ours_rows, keeper_rows,      exact_rows,       detach_aside_rows,
};

static const struct row report_rows[] = {
	{ .name = "report-lines", .builds = ALL_BUILDS },
	{ .name = "report-of-several-processes" },
	{ .name = "log-file" },
	{ .name = "require-refuses" },
	{},
};
static const CMUnitTestFunction report_tests[] = { check_report, check_report_of_processes, check_log_file,
						   check_require };

static struct CMUnitTest tests[MAX_TESTS];
static struct check checks[MAX_TESTS];
static int nr_tests;

static const struct row *base_of(const struct row *row)
{
	const struct row *base;
	size_t i;

	if (!row->settings)
		return row;
	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (base = tables[i]; base->name; base++)
			if (!base->settings && !strcmp(base->name, row->scenario))
				return base;
	fprintf(stderr, "%s: there is no scenario %s\n", row->name, row->scenario);
	exit(1);
}

static void add(const struct check *check, const struct row *row, CMUnitTestFunction test, const char *glob)
{
	unsigned int builds = row->builds ? row->builds : SHARED | STATIC;

	if (!(builds & check->build) || fnmatch(glob, row->name, FNM_EXTMATCH))
		return;
	if (nr_tests == MAX_TESTS)
		abort();
	checks[nr_tests] = *check;
	checks[nr_tests].row = row;
	checks[nr_tests].base = base_of(row);
	if (checks[nr_tests].base->kprobe)
		checks[nr_tests].has_multi = check->kprobes == KPROBE_MULTI && !check->unreached;
	tests[nr_tests] = (struct CMUnitTest){ .name = row->name,
					       .test_func = test,
					       .initial_state = &checks[nr_tests] };
	nr_tests++;
}

/** Why a row is none for these settings, or NULL. */
static const char *left_out(const struct check *check, const struct row *row)
{
	return check->settings ? row->not_sync : NULL;
}

static void add_all(const struct check *check, const char *glob)
{
	const bool expendable = kernel_is_expendable();
	const struct row *row;
	int risky = 0;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		for (row = tables[i]; row->name; row++) {
			if (check->settings && row->settings)
				continue;
			if (row->risky && !expendable) {
				risky++;
				continue;
			}
			if (left_out(check, row))
				printf("skipped: %s: %s\n", check->settings, left_out(check, row));
			else if (check->settings)
				add(check, row, check_settings, glob);
			else if (!row->settings)
				add(check, row, check_row, glob);
			else if (check->upshift)
				add(check, row, check_settings, glob);
		}
	}
	if (risky && !check->settings)
		printf("skipped: %d tests that may bring the kernel down run only in the virtual machines of "
		       "scripts/compat-kernels\n",
		       risky);
	for (i = 0; check->upshift && !check->settings && report_rows[i].name; i++)
		add(check, &report_rows[i], report_tests[i], glob);
}

static enum build build_of(const char *name)
{
	enum build build;

	for (build = SHARED; build <= DLOPEN; build <<= 1)
		if (!strcmp(build_name(build), name))
			return build;
	return 0;
}

/* NULL if all runs are to be without. */
static const char *upshift_path(void)
{
	const char *path = getenv("UPSHIFT_LIB");

	if (!path)
		path = UPSHIFT_LIB;
	if (!*path) {
		puts("No upshift library: the scenarios run without only.");
		return NULL;
	}
	if (access(path, R_OK)) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(1);
	}
	return path;
}

int main(int argc, char **argv)
{
	struct check check = {};
	const char *reason;
	char group[64];

	if (argc < 2 || !(check.build = build_of(argv[1]))) {
		fprintf(stderr, "usage: compare shared|static|dlopen [GLOB [SETTINGS]]\n");
		return 2;
	}
	reason = kernel_cannot_trace();
	if (reason) {
		printf("skipped: %s\n", reason);
		return EXIT_SKIPPED;
	}
	check.upshift = upshift_path();
	check.settings = argc > 3 ? argv[3] : NULL;
	if (check.settings && !check.upshift)
		return EXIT_SKIPPED;
	/* By the way that the tool is loaded; then all is as on an old kernel, and nobody says why. */
	check.unreached = getenv("COMPARE_UNREACHED");
	check.has_multi = kernel_has_uprobe_multi() && !check.unreached;
	check.ignores_returns = kernel_ignores_returns();
	check.kprobes = kernel_kprobes();
	if (!check.has_multi && !check.unreached)
		puts("This kernel has no uprobe_multi links for upshift: everything is to stay on perf "
		     "events.");
	add_all(&check, argc > 2 ? argv[2] : "*");
	snprintf(group, sizeof(group), "real kernel, %s libbpf", argv[1]);
	return _cmocka_run_group_tests(group, tests, nr_tests, NULL, NULL);
}
