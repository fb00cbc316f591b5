// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A kernel that was started for tests which may bring it down: scripts/vm.sh says so on its command line. */
#ifndef TESTS_EXPENDABLE_H
#define TESTS_EXPENDABLE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static inline bool kernel_is_expendable(void)
{
	FILE *file = fopen("/proc/cmdline", "re");
	char line[4096] = "";
	bool is = file && fgets(line, sizeof(line), file) && strstr(line, "upshift.vm=1");

	if (file)
		fclose(file);
	return is;
}

#endif
