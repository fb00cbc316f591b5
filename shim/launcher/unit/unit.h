/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What "upshift enable", "disable" and "status" share: their command lines, and a service's state. */
#ifndef UPSHIFT_UNIT_UNIT_H
#define UPSHIFT_UNIT_UNIT_H

#include <stdbool.h>

#include "common/settings.h"
#include "unit/environment.h"
#include "unit/files.h"

struct unit_request {
	const char *given;         /* as the user writes it */
	char unit[UNIT_NAME_SIZE]; /* with its suffix */
	const char *root;          /* "/" unless --root */
	const char *library;       /* --library, or NULL */
	bool json;
	const char *settings[SETTINGS];
};

/* The options of all three; each command's argp lists those that it has, with unit_parse() as its parser. */
#define OPTION_ROOT                                                                              \
	{                                                                                        \
		"root", KEY_ROOT, "DIR", 0, "the system below DIR instead of the running one", 1 \
	}
enum { KEY_ROOT = 0x100, KEY_LIBRARY };
error_t unit_parse(int key, char *arg, struct argp_state *state);

/** False, after a complaint, if it is no service. Ends the program for wrong options. */
bool unit_request_read(const struct argp *argp, int argc, char **argv, struct unit_request *request);

struct unit_state {
	struct unit_files files;
	struct unit_environment env;
	char dropin_path[PATH_MAX];
	int dropin; /* as dropin_exists() tells */
};

/**
 * Everything that is known of a service, or, without its own drop-in, what is when that is not there. False
 * after a complaint.
 */
bool unit_state_read(const struct unit_request *request, bool with_dropin, struct unit_state *state);

void unit_state_free(struct unit_state *state);

/** A complaint about a file, with what helps where that is known. err is a negative errno. */
void complain_of_file(const struct unit_request *request, const char *path, int err);

/** For messages: root and path can be written one after the other. */
const char *shown_root(const struct unit_request *request);

/** The commands that make a change take effect, for the user to copy. */
const char *restart_command(const char *unit);

#endif
