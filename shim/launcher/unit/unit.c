// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "unit/unit.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "unit/dropin.h"

error_t unit_parse(int key, char *arg, struct argp_state *state)
{
	struct unit_request *request = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		if (state->child_inputs)
			state->child_inputs[0] = request->settings;
		return 0;
	case KEY_ROOT:
		request->root = arg;
		return 0;
	case KEY_LIBRARY:
		request->library = arg;
		return 0;
	case 'j':
		request->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "one UNIT at a time");
		request->given = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no UNIT");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

bool unit_request_read(const struct argp *argp, int argc, char **argv, struct unit_request *request)
{
	*request = (struct unit_request){ .root = "/" };
	if (argp_parse(argp, argc, argv, 0, NULL, request))
		return false;
	setlocale(LC_CTYPE, "C.UTF-8"); /* as systemd reads and takes its files */
	return unit_name_read(request->given, request->unit);
}

const char *shown_root(const struct unit_request *request)
{
	return strcmp(request->root, "/") != 0 ? request->root : "";
}

void complain_of_file(const struct unit_request *request, const char *path, int err)
{
	const bool not_allowed = err == -EACCES || err == -EPERM;

	complain("%s%s: %s%s", shown_root(request), path, strerror(-err),
		 not_allowed ? "; run it as root" : "");
}

const char *restart_command(const char *unit)
{
	static char command[2 * UNIT_NAME_SIZE];
	const char *at = unit_name_is_template(unit) ? strchr(unit, '@') : NULL;

	if (at) /* all that is running of it */
		snprintf(command, sizeof(command), "systemctl daemon-reload && systemctl restart '%.*s*%s'",
			 (int)(at + 1 - unit), unit, at + 1);
	else
		snprintf(command, sizeof(command), "systemctl daemon-reload && systemctl restart %s%s%s",
			 strchr(unit, '\\') ? "'" : "", unit, strchr(unit, '\\') ? "'" : "");
	return command;
}

static void leave_out(struct unit_files *files, const char *path)
{
	for (size_t i = 0; i < files->cnt; i++) {
		if (strcmp(files->paths[i], path) != 0)
			continue;
		free(files->paths[i]);
		memmove(&files->paths[i], &files->paths[i + 1], (--files->cnt - i) * sizeof(*files->paths));
		return;
	}
}

bool unit_state_read(const struct unit_request *request, bool with_dropin, struct unit_state *state)
{
	const char *failed_path;
	int err;

	*state = (struct unit_state){ 0 };
	err = unit_files_read(request->root, request->unit, &state->files);
	if (err) {
		complain_of_file(request, "/: the directories of systemd", err);
		return false;
	}
	dropin_path(state->files.name, state->dropin_path);
	state->dropin = dropin_exists(request->root, state->files.name);
	if (!with_dropin)
		leave_out(&state->files, state->dropin_path);
	err = unit_environment_read(request->root, &state->files, &state->env, &failed_path);
	if (err) {
		complain_of_file(request, failed_path, err);
		unit_files_free(&state->files);
		return false;
	}
	return true;
}

void unit_state_free(struct unit_state *state)
{
	unit_environment_free(&state->env);
	unit_files_free(&state->files);
}
