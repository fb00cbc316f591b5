// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cgroup.h"

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "scenario.h"

#define MOUNT "/sys/fs/cgroup"

static char directory[128];

static bool write_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	bool written;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return written;
}

/* Version 1 has a hierarchy for each controller, version 2 one where they are switched on. */
static const char *root_of(const char *controller, bool *first_version)
{
	static char root[64];
	char enable[32];

	snprintf(root, sizeof(root), MOUNT "/%s", controller);
	*first_version = !access(root, F_OK);
	if (*first_version)
		return root;
	snprintf(enable, sizeof(enable), "+%s", controller);
	return write_file(MOUNT, "cgroup.subtree_control", enable) ? MOUNT : NULL;
}

void cgroup_make(const char *controller, long limit)
{
	bool first_version;
	const char *root = root_of(controller, &first_version), *file = "pids.max";
	char text[32];

	if (!strcmp(controller, "memory"))
		file = first_version ? "memory.limit_in_bytes" : "memory.max";
	snprintf(directory, sizeof(directory), "%s/upshift-test-%d", root ? root : "", getpid());
	snprintf(text, sizeof(text), "%ld", limit);
	if (!root || mkdir(directory, 0755))
		skip("this machine lets the test have no cgroup for %s", controller);
	if (write_file(directory, file, text))
		return;
	rmdir(directory);
	skip("this machine's cgroups do not limit %s", controller);
}

void cgroup_enter(void)
{
	if (!write_file(directory, "cgroup.procs", "0"))
		die("cannot enter the cgroup");
}

void cgroup_remove(void)
{
	while (rmdir(directory))
		sched_yield();
}
