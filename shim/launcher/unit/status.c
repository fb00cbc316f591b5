// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift status: is a service enabled, with which settings, and does its process have the library? */
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "common/preload.h"
#include "unit/process.h"
#include "unit/unit.h"

struct status {
	const struct unit_variable *preload; /* if it names the library */
	char library[PATH_MAX];              /* "" if it does not */
	bool library_found;
	pid_t main_pid; /* 0: does not run, or is not to be asked about */
	int mapped;     /* as process_has_upshift() tells */
};

/** Where systemd has its specifiers doubled. Others stay: what they stand for is not known here. */
static void unescape(char *to, size_t size, const struct unit_variable *variable, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len && used + 1 < size; i++) {
		to[used++] = variable->value[i];
		if (!variable->of_named_file && variable->value[i] == '%' && variable->value[i + 1] == '%')
			i++;
	}
	to[used] = '\0';
}

static void read_status(const struct unit_request *request, const struct unit_state *state,
			struct status *status)
{
	const struct unit_variable *preload = unit_environment_find(&state->env, "LD_PRELOAD");
	const bool unset = state->env.preload_unset;
	const char *entry;
	const size_t len = preload && !unset ? preload_entry(preload->value, &entry) : 0;
	int fd;

	*status = (struct status){ 0 };
	if (len) {
		struct unit_variable first = *preload;

		first.value = entry;
		status->preload = preload;
		unescape(status->library, sizeof(status->library), &first, len);
		fd = root_open(request->root, status->library, O_PATH);
		status->library_found = fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	if (!strcmp(request->root, "/") && !unit_name_is_template(state->files.name))
		status->main_pid = service_main_pid(state->files.name);
	if (status->main_pid)
		status->mapped = process_has_upshift(status->main_pid);
}

static bool is_setting(const struct unit_variable *variable)
{
	return strcmp(variable->name, "LD_PRELOAD") != 0;
}

static struct json_object *boolean_or_null(bool known, bool value)
{
	return known ? json_object_new_boolean(value) : NULL;
}

static struct json_object *text_or_null(const char *text)
{
	return text && *text ? json_object_new_string(text) : NULL;
}

static void print_json(const struct unit_state *state, const struct status *status)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_object();
	char value[PATH_MAX];

	for (size_t i = 0; i < state->env.cnt; i++) {
		const struct unit_variable *variable = &state->env.variables[i];

		if (!is_setting(variable))
			continue;
		unescape(value, sizeof(value), variable, strlen(variable->value));
		json_object_object_add(list, variable->name, json_object_new_string(value));
	}
	json_object_object_add(object, "unit", json_object_new_string(state->files.name));
	json_object_object_add(object, "exists", json_object_new_boolean(state->files.found));
	json_object_object_add(object, "enabled", json_object_new_boolean(status->preload != NULL));
	json_object_object_add(object, "file", text_or_null(status->preload ? status->preload->path : NULL));
	json_object_object_add(object, "drop_in",
			       text_or_null(state->dropin == 1 ? state->dropin_path : NULL));
	json_object_object_add(object, "library", text_or_null(status->library));
	json_object_object_add(object, "library_exists",
			       boolean_or_null(status->preload, status->library_found));
	json_object_object_add(object, "settings", list);
	json_object_object_add(object, "main_pid",
			       status->main_pid ? json_object_new_int(status->main_pid) : NULL);
	json_object_object_add(object, "mapped",
			       boolean_or_null(status->main_pid && status->mapped >= 0, status->mapped > 0));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static void print_settings(const struct unit_request *request, const struct unit_state *state)
{
	char value[PATH_MAX];

	for (size_t i = 0; i < state->env.cnt; i++) {
		const struct unit_variable *variable = &state->env.variables[i];

		if (!is_setting(variable))
			continue;
		unescape(value, sizeof(value), variable, strlen(variable->value));
		printf("  %s=%s", variable->name, value);
		if (strcmp(variable->path, state->dropin_path) != 0)
			printf("    (%s%s)", shown_root(request), variable->path);
		putchar('\n');
	}
}

static void print_process(const struct unit_state *state, const struct status *status)
{
	const bool as_it_should = (status->mapped > 0) == (status->preload != NULL);

	if (!status->main_pid)
		return;
	printf("  main process %d: ", status->main_pid);
	if (status->mapped < 0)
		printf("%s%s\n", strerror(-status->mapped), geteuid() ? "; ask as root" : "");
	else
		printf("%s%s%s\n", status->mapped ? "has the library" : "does not have the library",
		       as_it_should ? "" : "; ", as_it_should ? "" : restart_command(state->files.name));
}

static void print_text(const struct unit_request *request, const struct unit_state *state,
		       const struct status *status)
{
	const char *root = shown_root(request);

	printf("%s: %s\n", state->files.name, status->preload ? "enabled" : "not enabled");
	if (!state->files.found)
		puts("  there is no such unit, only its drop-ins");
	if (status->preload)
		printf("  by %s%s\n  %s%s\n", root, status->preload->path, status->library,
		       status->library_found ? "" : "    is not there: the service runs without it");
	else if (state->dropin == 1)
		printf("  %s%s has no effect: another file of the unit sets LD_PRELOAD anew\n", root,
		       state->dropin_path);
	print_settings(request, state);
	print_process(state, status);
}

int command_status(int argc, char **argv)
{
	static const struct argp_option options[] = {
		OPTION_ROOT,
		{ "json", 'j', NULL, 0, "one JSON object", 1 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = unit_parse,
		.args_doc = "UNIT",
		.doc = "Show whether systemd starts a service under upshift, and with which settings.\vThe "
		       "exit "
		       "status is 0 if it does, 1 if not.",
	};
	struct unit_request request;
	struct unit_state state;
	struct status status;

	if (!unit_request_read(&argp, argc, argv, &request) || !unit_state_read(&request, true, &state))
		return STATUS_FAILED;
	if (!state.files.found && state.dropin != 1) {
		complain("%s: there is no such unit", state.files.name);
		unit_state_free(&state);
		return STATUS_FAILED;
	}
	read_status(&request, &state, &status);
	if (request.json)
		print_json(&state, &status);
	else
		print_text(&request, &state, &status);
	unit_state_free(&state);
	return status.preload ? STATUS_OK : STATUS_FAILED;
}
