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
enum { BYTES_OF_THREAD = 32 * 1024 };

/* Files in a cgroup's folder, of both versions: where one is not there, it limits nothing. */
static const struct bound {
	const char *limit, *use; /* of memory, use may be mostly what the kernel can take back */
	long share;              /* one thread for each so many of what is left */
} bounds[] = {
	{ "pids.max", "pids.current", 4 },
	{ "memory.max", NULL, 16 * BYTES_OF_THREAD },
	{ "memory.limit_in_bytes", NULL, 16 * BYTES_OF_THREAD },
};

enum { SHARE_OF_NPROC = 16 };

static long least(long a, long b)
{
	return a < b ? a : b;
}

/** A number in a cgroup's file; -1 if there is none ("max", or no such file). */
static long read_number(const char *folder, const char *file)
{
	char path[PATH_MAX], text[32];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, file) >= sizeof(path) ||
	    kernel_read_file(path, text, sizeof(text)) <= 0 || text[0] < '0' || text[0] > '9')
		return -1;
	return strtol(text, NULL, 10);
}

static long room_in_folder(const char *folder)
{
	long room = LONG_MAX, limit, use;

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		limit = read_number(folder, bounds[i].limit);
		use = limit < 0 || !bounds[i].use ? 0 : read_number(folder, bounds[i].use);
		if (limit >= 0)
			room = least(room, limit > use ? (limit - use) / bounds[i].share : 0);
	}
	return room;
}

/** Of a line of /proc/self/cgroup, "ID:CONTROLLERS:PATH": the room in that cgroup and in those above it. */
static long room_of_line(char *line)
{
	const char *controllers = strchrnul(line, ':'), *path = strchrnul(controllers + !!*controllers, ':');
	char folder[PATH_MAX];
	long room = LONG_MAX;
	int len;

	if (!*path)
		return room;
	len = (int)(path++ - ++controllers);
	/* Version 2 names none. */
	if (len && strncmp(controllers, "pids:", 5) != 0 && strncmp(controllers, "memory:", 7) != 0)
		return room;
	if ((size_t)snprintf(folder, sizeof(folder), "/sys/fs/cgroup%s%.*s%s", len ? "/" : "", len,
			     controllers, path) >= sizeof(folder))
		return room;
	for (char *end; strlen(folder) >= strlen("/sys/fs/cgroup"); *end = '\0') {
		room = least(room, room_in_folder(folder));
		end = strrchr(folder, '/');
	}
	return room;
}

static long room_in_cgroups(void)
{
	char text[4096], *rest = text;
	long room = LONG_MAX;

	if (kernel_read_file("/proc/self/cgroup", text, sizeof(text)) <= 0)
		return room;
	for (char *line; (line = strsep(&rest, "\n"));)
		room = least(room, room_of_line(line));
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
static struct timespec read_at;

int thread_limit(void)
{
	return limit;
}

void thread_limit_read(void)
{
	struct timespec now = { 0 };

	sys_clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (read_at.tv_sec && now.tv_sec == read_at.tv_sec)
		return;
	read_at = now;
	limit = (int)least(CLOSERS, least(room_in_cgroups(), nproc() / SHARE_OF_NPROC));
}

void thread_limit_adopt(void)
{
	read_at = (struct timespec){ 0 };
}
