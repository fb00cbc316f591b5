// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"
#include "holds.h"

struct link {
	unsigned int id;
	bool multi;
};

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	file = fopen(path, "re");
	if (!file)
		die("cannot read %s", path);
	return file;
}

static bool read_link(pid_t pid, const char *fd, struct link *link)
{
	char name[NAME_MAX + 16], line[256];
	bool found = false;
	FILE *info;

	snprintf(name, sizeof(name), "fdinfo/%s", fd);
	info = open_proc(pid, name);
	link->multi = false;
	while (fgets(line, sizeof(line), info)) {
		if (sscanf(line, "link_id: %u", &link->id) == 1)
			found = true;
		/* "uprobe_multi", and for some kernels "uretprobe_multi" */
		if (!strncmp(line, "link_type:", 10) && strstr(line, "probe_multi"))
			link->multi = true;
	}
	fclose(info);
	return found;
}

static int by_id(const void *a, const void *b)
{
	const struct link *one = a, *other = b;

	return (one->id > other->id) - (one->id < other->id);
}

static void count_links(struct holds *holds, struct link *links, int nr)
{
	int i;

	qsort(links, nr, sizeof(*links), by_id);
	for (i = 0; i < nr; i++) {
		if (i && links[i].id == links[i - 1].id)
			continue;
		holds->links++;
		holds->multi_links += links[i].multi;
	}
}

static void look_at_fds(struct holds *holds, pid_t pid)
{
	struct link *links = NULL;
	struct dirent *entry;
	char path[32];
	int nr = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (!dir)
		die("cannot read %s", path);
	while ((entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		holds->fds++;
		links = realloc(links, (nr + 1) * sizeof(*links));
		if (read_link(pid, entry->d_name, &links[nr]))
			nr++;
	}
	closedir(dir);
	count_links(holds, links, nr);
	free(links);
}

struct holds look_at(pid_t pid)
{
	struct holds holds = {};
	char line[128];
	FILE *status = open_proc(pid, "status");

	while (fgets(line, sizeof(line), status))
		sscanf(line, "VmHWM: %ld", &holds.peak_kib);
	fclose(status);
	look_at_fds(&holds, pid);
	return holds;
}
