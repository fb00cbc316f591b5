/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The options that stand for environment variables of the library: the same for "upshift run", which sets
 * them, and "upshift enable", which writes them into a unit. Single-threaded.
 */
#ifndef UPSHIFT_SETTINGS_H
#define UPSHIFT_SETTINGS_H

#include <argp.h>

enum { SETTINGS = 14 };

struct setting {
	struct argp_option option;
	const char *variable;
	const char *value;        /* NULL: the option's argument */
	const char *const *words; /* what the argument may be; NULL: anything */
};

extern const struct setting settings[SETTINGS];

/**
 * For an argp_child. Its input is a const char *[SETTINGS]: the value of each setting that was given, as the
 * command line has it, and NULL for the others.
 */
const struct argp *settings_argp(void);

#endif
