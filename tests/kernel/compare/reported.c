// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The run with upshift, and why the report says that what stays on perf does so. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "check.h"
#include "run.h"

bool all_multi(const char *links)
{
	return strstr(links, "probe_multi") && !strstr(links, "perf_event");
}

/* What the report has to say, of at least one attach; without multi links everything is on perf but the
 * tool's own links. */
static void check_reasons(const struct check *check, const char *report)
{
	if (check->has_multi && !report_perf_because(report, check->row->reason))
		fail_msg("the report does not say \"%s\"", check->row->reason);
	if (!check->has_multi && !report_perf_for_kernel(report) && all_multi(check->row->with) &&
	    !all_multi(check->row->without))
		fail_msg("the report does not say that the kernel has no multi links");
}

struct run run_reported(const struct check *check)
{
	char path[] = "/tmp/upshift-test-XXXXXX", *settings;
	const bool plain = check->unreached || strstr(settings_of(check), "UPSHIFT_REPORT") ||
			   (check->has_multi && (!check->row->reason || all_multi(links_with(check))));
	struct run run;
	int fd;

	if (plain)
		return run_scenario(check->build, check->row, check->upshift, settings_of(check));
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_true(asprintf(&settings, "%s UPSHIFT_REPORT=%s", settings_of(check), path) > 0);
	run = run_scenario(check->build, check->row, check->upshift, settings);
	if (run_ok(&run))
		check_reasons(check, path);
	unlink(path);
	free(settings);
	return run;
}
