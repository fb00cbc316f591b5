// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "unit/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pid_t service_main_pid(const char *unit)
{
	char command[512];
	FILE *answer;
	int pid = 0;

	/* No unit's name has a quotation mark in it. */
	snprintf(command, sizeof(command), "systemctl show --property=MainPID --value -- '%s' 2>/dev/null",
		 unit);
	answer = popen(command, "re");
	if (!answer)
		return 0;
	if (fscanf(answer, "%d", &pid) != 1)
		pid = 0;
	pclose(answer);
	return pid;
}

int process_has_upshift(pid_t pid)
{
	char path[32], *line = NULL;
	size_t size = 0;
	FILE *maps;
	int found = 0;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		return -errno;
	while (!found && getline(&line, &size, maps) >= 0)
		found = strstr(line, "/libupshift.so") != NULL;
	if (!found && ferror(maps))
		found = -errno;
	free(line);
	fclose(maps);
	return found;
}
