/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What a service's files say about LD_PRELOAD and UPSHIFT*: Environment=, UnsetEnvironment= and the files
 * that EnvironmentFile= names, read as systemd reads them. Other variables are left out.
 */
#ifndef UPSHIFT_UNIT_ENVIRONMENT_H
#define UPSHIFT_UNIT_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "unit/files.h"

struct unit_variable {
	char *name;
	const char *value;  /* systemd's %-specifiers as they are written: "%%" is a "%" */
	const char *path;   /* the file of the unit that decides it */
	bool of_named_file; /* that file names another one by EnvironmentFile=: nothing in a unit overrides it
			     */
};

struct unit_environment {
	struct unit_variable *variables;
	size_t cnt;
	const char *preload_unset; /* the file with an UnsetEnvironment=LD_PRELOAD, or NULL */
};

/**
 * 0, or -errno with failed_path telling what could not be read. It and the variables' paths live as long as
 * files.
 */
int unit_environment_read(const char *root, const struct unit_files *files, struct unit_environment *env,
			  const char **failed_path);

const struct unit_variable *unit_environment_find(const struct unit_environment *env, const char *name);

void unit_environment_free(struct unit_environment *env);

#endif
