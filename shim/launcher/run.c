// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift run: sets the environment, and becomes the command. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/* Options that only set a variable; the library itself judges the value. */
static const struct {
	struct argp_option option;
	const char *variable;
	const char *value; /* NULL: the option's argument */
} settings[] = {
	{ { "log", 'l', "LEVEL", 0, "error, warn (default), info or debug: lines on stderr", 0 },
	  "UPSHIFT_LOG",
	  NULL },
	{ { "log-file", 'L', "FILE", 0, "these lines go to FILE", 0 }, "UPSHIFT_LOG_FILE", NULL },
	{ { "report", 'r', "FILE", 0, "a JSON line for each decision; see upshift report", 0 },
	  "UPSHIFT_REPORT",
	  NULL },
	{ { "only", 'o', "GLOBS", 0, "upgrade only these: programs, sections or targets, ':' between", 0 },
	  "UPSHIFT_ONLY",
	  NULL },
	{ { "skip", 's', "GLOBS", 0, "do not upgrade these", 0 }, "UPSHIFT_SKIP", NULL },
	{ { "commands", 'c', "GLOBS", 0, "be at work only in processes of these names", 0 },
	  "UPSHIFT_COMMANDS",
	  NULL },
	{ { "batch", 'b', NULL, 0, "one link for the attaches of a loop", 0 }, "UPSHIFT_BATCH", "on" },
	{ { "detach", 'd', "WHEN", 0, "auto (default), sync or async: when a detach is complete", 0 },
	  "UPSHIFT_DETACH",
	  NULL },
	{ { "stats", 'S', NULL, 0, "what is attached, on stderr, once a second and at SIGUSR1", 0 },
	  "UPSHIFT_STATS",
	  "on" },
	{ { "require", 'R', NULL, 0, "an eligible attach that cannot be upgraded fails", 0 },
	  "UPSHIFT",
	  "require" },
	{ { "versioned", 'v', NULL, 0, "upgrade versioned symbols too", 0 }, "UPSHIFT_VERSIONED", "multi" },
};

enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	int *command = state->input;

	for (int i = 0; i < SETTINGS; i++) {
		if (settings[i].option.key != key)
			continue;
		return setenv(settings[i].variable, settings[i].value ? settings[i].value : arg, 1) ? errno :
												      0;
	}
	switch (key) {
	case ARGP_KEY_ARG:
		*command = state->next - 1;
		state->next = state->argc; /* the rest is the command's */
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no command to run");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/** Is this entry of LD_PRELOAD the same file? */
static bool names(const char *entry, size_t len, const char *path)
{
	return strlen(path) == len && !strncmp(entry, path, len);
}

/** In front of what is there already, and once. */
static int preload(const char *path)
{
	const char *before = getenv("LD_PRELOAD");
	char *value = NULL, *longer;
	int err;

	if (asprintf(&value, "%s", path) < 0)
		return -ENOMEM;
	for (size_t len; before && *before; before += len) {
		before += strspn(before, ": ");
		len = strcspn(before, ": ");
		if (!len || names(before, len, path))
			continue;
		if (asprintf(&longer, "%s:%.*s", value, (int)len, before) < 0)
			return -ENOMEM;
		free(value);
		value = longer;
	}
	err = setenv("LD_PRELOAD", value, 1) ? -errno : 0;
	free(value);
	return err;
}

static int execute(char **command)
{
	const char *path = library_path();

	if (access(path, R_OK))
		complain("%s cannot be read: %s; the command runs without it", path, strerror(errno));
	else if (preload(path))
		complain("no memory for the environment; the command runs without it");
	execvp(command[0], command);
	complain("%s: %s", command[0], strerror(errno));
	return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

int command_run(int argc, char **argv)
{
	struct argp_option options[SETTINGS + 1] = { 0 };
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "COMMAND [ARGUMENT...]",
		.doc = "Run COMMAND with its uprobes on uprobe_multi links.\vThe exit status is COMMAND's; "
		       "127 if "
		       "it is not found, 126 if it cannot be run.",
	};
	int command = 0;

	for (int i = 0; i < SETTINGS; i++)
		options[i] = settings[i].option;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &command))
		return STATUS_FAILED;
	return execute(argv + command);
}
