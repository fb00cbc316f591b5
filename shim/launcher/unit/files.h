/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The files that systemd reads a service from, below a root directory: the unit and its drop-ins, from every
 * directory that the system's manager looks into. Symbolic links are followed inside the root.
 */
#ifndef UPSHIFT_UNIT_FILES_H
#define UPSHIFT_UNIT_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "unit/name.h"

struct unit_files {
	char name[UNIT_NAME_SIZE]; /* the unit's own name, where the user gave an alias */
	bool found, masked;
	char **paths; /* as seen from below the root: the unit itself, then its drop-ins as they are applied
		       */
	size_t cnt;
};

/** Opens a path below the root as open() would if the root were "/". An fd, or a negative errno. */
int root_open(const char *root, const char *path, int flags);

/** The same for reading lines, or NULL and errno. */
FILE *root_fopen(const char *root, const char *path);

/** Finds all of a service's files, where there is no unit of that name its drop-ins alone. 0, or a negative
 * errno. */
int unit_files_read(const char *root, const char *name, struct unit_files *files);

void unit_files_free(struct unit_files *files);

#endif
