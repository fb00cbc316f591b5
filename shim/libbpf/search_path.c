// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "search_path.h"

#include <errno.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MULTIARCH "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define MULTIARCH "aarch64-linux-gnu"
#endif

static bool is_library(const char *name)
{
	const char *suffix = strstr(name, ".so");

	return suffix && (suffix[3] == '\0' || strstr(name, ".so."));
}

/** The first of the directories, with ':' between, that has the file; 0, -ENOENT or -ENOMEM. */
static int search(const char *directories, const char *name, int mode, char **path)
{
	for (const char *end; directories && *directories; directories = *end ? end + 1 : end) {
		end = strchrnul(directories, ':');
		if (end == directories)
			continue;
		if (asprintf(path, "%.*s/%s", (int)(end - directories), directories, name) < 0)
			return -ENOMEM;
		if (access(*path, mode) == 0)
			return 0;
		free(*path);
		*path = NULL;
	}
	return -ENOENT;
}

int search_path(const char *name, char **path)
{
	const bool library = is_library(name);
	const char *const places[] = {
		getenv(library ? "LD_LIBRARY_PATH" : "PATH"),
		library ? "/usr/lib64:/usr/lib:/lib/" MULTIARCH : "/usr/bin:/usr/sbin",
	};
	int err = -ENOENT;

	if (strchr(name, '/')) {
		*path = strdup(name);
		return *path ? 0 : -ENOMEM;
	}
	for (size_t i = 0; err == -ENOENT && i < sizeof(places) / sizeof(places[0]); i++)
		err = search(places[i], name, library ? R_OK : R_OK | X_OK, path);
	return err;
}
