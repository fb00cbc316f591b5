// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "thread_limit.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "closer.h"
#include "kernel.h"

/* What a thread takes: the kernel's stack and task, and the page of its own stack that it touches. */
enum { BYTES_OF_THREAD = 32 * 1024, SHARE = 4, SHARE_OF_NPROC = 16 };

struct limit_files {
	const char *controller;  /* of cgroup v1, whose folder in /sys/fs/cgroup has this name; of v2: "" */
	const char *limit, *use; /* files in a cgroup's folder */
	long unit;               /* what a thread takes of it */
};

static const struct limit_files limit_files[] = {
	{ "", "pids.max", "pids.current", 1 },
	{ "pids", "pids.max", "pids.current", 1 },
	{ "", "memory.max", "memory.current", BYTES_OF_THREAD },
	{ "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", BYTES_OF_THREAD },
};

/** A number in a cgroup's file; -1 if there is none ("max", or no such file). */
static long read_number(const char *folder, const char *file)
{
	char path[PATH_MAX], text[32];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, file) >= sizeof(path) ||
	    kernel_read_file(path, text, sizeof(text)) <= 0 || text[0] < '0' || text[0] > '9')
		return -1;
	return strtol(text, NULL, 10);
}

/** Of memory: what the kernel could take back at once. */
static long page_cache(const char *folder)
{
	char path[PATH_MAX], text[512];
	const char *cache;

	if ((size_t)snprintf(path, sizeof(path), "%s/memory.stat", folder) >= sizeof(path) ||
	    kernel_read_file(path, text, sizeof(text)) <= 0)
		return 0;
	cache = strncmp(text, "cache ", 6) == 0 ? text + 6 : strstr(text, "\nfile ");
	return cache ? strtol(cache + (*cache == '\n' ? strlen("\nfile ") : 0), NULL, 10) : 0;
}

/** How many threads this cgroup and those above it have room for. */
static long room_in_cgroups(const struct limit_files *files, const char *path)
{
	char folder[PATH_MAX];
	long room = LONG_MAX, limit, use;
	const int len = snprintf(folder, sizeof(folder), "/sys/fs/cgroup%s%s%s",
				 *files->controller ? "/" : "", files->controller, path);

	if ((size_t)len >= sizeof(folder))
		return room;
	for (char *end; strlen(folder) >= strlen("/sys/fs/cgroup"); *end = '\0') {
		limit = read_number(folder, files->limit);
		use = limit < 0 ? -1 : read_number(folder, files->use);
		if (use > 0 && files->unit > 1)
			use -= page_cache(folder);
		if (use >= 0 && (limit - use) / files->unit < room)
			room = limit > use ? (limit - use) / files->unit : 0;
		end = strrchr(folder, '/');
	}
	return room;
}

/** Of a line of /proc/self/cgroup, "ID:CONTROLLERS:PATH": the room that its cgroup leaves. */
static long room_of_line(char *line)
{
	char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
	long room = LONG_MAX, found;

	if (!path)
		return room;
	controllers++;
	*path++ = '\0';
	for (size_t i = 0; i < sizeof(limit_files) / sizeof(limit_files[0]); i++) {
		if (strcmp(controllers, limit_files[i].controller) != 0)
			continue;
		found = room_in_cgroups(&limit_files[i], path);
		if (found < room)
			room = found;
	}
	return room;
}

static long room_in_all_cgroups(void)
{
	char text[4096];
	long room = LONG_MAX, found;

	if (kernel_read_file("/proc/self/cgroup", text, sizeof(text)) <= 0)
		return room;
	for (char *line = text, *end; *line; line = end) {
		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		found = room_of_line(line);
		if (found < room)
			room = found;
	}
	return room;
}

static long nproc(void)
{
	struct rlimit limit;

	/* Root is not bound by it, and whoever has a namespace's root only finds a smaller number. */
	if (kernel_call(SYS_geteuid, 0, 0, 0, 0, 0, 0) == 0 ||
	    kernel_call(SYS_prlimit64, 0, RLIMIT_NPROC, 0, (long)&limit, 0, 0) ||
	    limit.rlim_cur > (rlim_t)LONG_MAX)
		return LONG_MAX;
	return (long)limit.rlim_cur;
}

static int limit = CLOSERS;

int thread_limit(void)
{
	return limit;
}

void thread_limit_read(void)
{
	static struct timespec read_at;
	struct timespec now = { 0 };
	long room, processes;

	sys_clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (read_at.tv_sec && now.tv_sec == read_at.tv_sec)
		return;
	read_at = now;
	room = room_in_all_cgroups() / SHARE;
	processes = nproc() / SHARE_OF_NPROC;
	if (processes < room)
		room = processes;
	limit = room < CLOSERS ? (int)room : CLOSERS;
}
