/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What probe, inspect and report take: --json, and one thing to look at, or none. */
#ifndef UPSHIFT_COMMON_ARGUMENTS_H
#define UPSHIFT_COMMON_ARGUMENTS_H

#include <stdbool.h>

struct arguments {
	bool json;
	const char *subject;
};

/**
 * subject is what the help calls the thing ("FILE"), or NULL where there is none; doc is the help's text.
 * Wrong arguments and --help end the process, as argp does it; -1 for want of memory.
 */
int arguments_read(int argc, char **argv, const char *subject, const char *doc, struct arguments *arguments);

#endif
