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
#include "common/preload.h"
#include "common/settings.h"
#include "elf/executable.h"

struct request {
	const char *settings[SETTINGS];
	int command; /* its index in argv */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct request *request = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = request->settings;
		return 0;
	case ARGP_KEY_ARG:
		request->command = state->next - 1;
		state->next = state->argc; /* the rest is the command's */
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no command to run");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int preload(const char *path)
{
	char *value = preload_in_front(path, getenv("LD_PRELOAD"));
	const int err = value && !setenv("LD_PRELOAD", value, 1) ? 0 : -ENOMEM;

	free(value);
	return err;
}

/** A preload that does not reach the command is no error: it runs as it would without. */
static void warn_if_out_of_reach(const char *name)
{
	struct executable executable;
	const char *reason = executable_read(name, &executable) ? NULL : executable_out_of_reach(&executable);

	if (!reason)
		return;
	if (executable.kind == EXECUTABLE_SCRIPT)
		complain("%s is a script for %s, which itself runs without upshift: %s", name,
			 executable.interpreter, reason);
	else
		complain("%s itself runs without upshift: %s", name, reason);
}

static int execute(char **command)
{
	const char *path = library_path();
	int err;

	if (access(path, R_OK))
		complain("%s cannot be read: %s; the command runs without it", path, strerror(errno));
	else if (preload(path))
		complain("no memory for the environment; the command runs without it");
	warn_if_out_of_reach(command[0]);
	execvp(command[0], command);
	err = errno;
	complain("%s: %s%s", command[0], strerror(err),
		 err == ENOENT && !strchr(command[0], '/') ? "; upshift --help lists the subcommands" : "");
	return err == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

int command_run(int argc, char **argv)
{
	const struct argp_child children[] = { { settings_argp(), 0, NULL, 0 }, { 0 } };
	const struct argp argp = {
		.children = children,
		.parser = parse,
		.args_doc = "COMMAND [ARGUMENT...]",
		.doc = "Run COMMAND with its uprobes on uprobe_multi links.\vThe exit status is COMMAND's; "
		       "127 if "
		       "it is not found, 126 if it cannot be run.",
	};
	struct request request = { 0 };

	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &request))
		return STATUS_FAILED;
	for (int i = 0; i < SETTINGS; i++)
		if (request.settings[i] && setenv(settings[i].variable, request.settings[i], 1))
			complain("no memory for %s", settings[i].variable);
	return execute(argv + request.command);
}
