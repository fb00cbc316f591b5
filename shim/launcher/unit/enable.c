// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift enable: writes a service's drop-in. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "common/preload.h"
#include "unit/dropin.h"
#include "unit/syntax.h"
#include "unit/unit.h"

/** A value that systemd would throw away, or that means something else in a service. */
static bool value_is_good(const char *value, bool path, const char *option)
{
	if (path && *value && *value != '/') {
		complain("--%s=%s: a path from / on, please: the service starts in another directory", option,
			 value);
		return false;
	}
	for (const char *c = value; *c; c++)
		if (iscntrl((unsigned char)*c)) {
			complain("--%s: a control character, which systemd does not take", option);
			return false;
		}
	if (mbstowcs(NULL, value, 0) == (size_t)-1) {
		complain("--%s=%s: not UTF-8, which systemd does not take", option, value);
		return false;
	}
	return true;
}

static bool settings_are_good(const struct unit_request *request)
{
	for (int i = 0; i < SETTINGS; i++) {
		const struct argp_option *option = &settings[i].option;
		const bool path = option->arg && !strcmp(option->arg, "FILE");

		if (request->settings[i] && !value_is_good(request->settings[i], path, option->name))
			return false;
	}
	return true;
}

/** The library that the service will load; NULL after a complaint. */
static const char *choose_library(const struct unit_request *request)
{
	const bool here = !strcmp(request->root, "/");
	const char *library = request->library ? request->library : here ? library_path() : UPSHIFT_LIBRARY;
	const int fd = root_open(request->root, library, O_PATH);

	if (fd >= 0)
		close(fd);
	if (!value_is_good(library, true, "library"))
		return NULL;
	if (strpbrk(library, ": ")) {
		complain("%s: ':' and ' ' separate the entries of LD_PRELOAD; no library with one can be in "
			 "it",
			 library);
		return NULL;
	}
	if (fd < 0) {
		complain("%s%s: %s; install upshift there, or name its library with --library",
			 shown_root(request), library, strerror(-fd));
		return NULL;
	}
	return library;
}

/** Nothing is written where it would be of no use. */
static bool can_enable(const struct unit_request *request, const struct unit_state *state)
{
	const struct unit_variable *preload = unit_environment_find(&state->env, "LD_PRELOAD");
	const char *root = shown_root(request), *entry;

	if (!state->files.found)
		complain("%s: there is no such unit in %s; systemctl list-unit-files lists them",
			 request->unit, *root ? root : "this system");
	else if (state->files.masked)
		complain("%s is masked: it cannot be started", state->files.name);
	else if (state->dropin == -EEXIST)
		complain("%s%s is not from upshift: move it away first", root, state->dropin_path);
	else if (state->dropin < 0)
		complain_of_file(request, state->dropin_path, state->dropin);
	else if (state->env.preload_unset)
		complain("%s%s has UnsetEnvironment=LD_PRELOAD: take that out first", root,
			 state->env.preload_unset);
	else if (preload && preload->of_named_file && !preload_entry(preload->value, &entry))
		complain("%s%s names a file by EnvironmentFile= that sets LD_PRELOAD=%s, which no unit can "
			 "override: put the library in front of that",
			 root, preload->path, preload->value);
	else
		return true;
	return false;
}

/** A value as a unit has it: systemd's specifiers begin with a "%". To be freed. */
static char *without_specifiers(const char *text)
{
	char *doubled = malloc(2 * strlen(text) + 1), *to = doubled;

	for (; doubled && *text; text++) {
		if (*text == '%')
			*to++ = '%';
		*to++ = *text;
	}
	if (doubled)
		*to = '\0';
	return doubled;
}

static void write_variable(FILE *file, const char *name, const char *value)
{
	char *word = NULL;

	fputs("Environment=", file);
	if (value && asprintf(&word, "%s=%s", name, value) >= 0)
		unit_write_word(file, word);
	putc('\n', file);
	free(word);
}

/** The drop-in's text; NULL if there is no memory. */
static char *make_settings(const struct unit_request *request, const char *library, const char *before)
{
	char *text = NULL, *entry = without_specifiers(library), *value = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	bool good = entry && file && (value = preload_in_front(entry, before));

	if (good) {
		fputs("[Service]\n", file);
		write_variable(file, "LD_PRELOAD", value);
	}
	for (int i = 0; good && i < SETTINGS; i++) {
		free(value);
		value = request->settings[i] ? without_specifiers(request->settings[i]) : NULL;
		good = value || !request->settings[i];
		if (value)
			write_variable(file, settings[i].variable, value);
	}
	free(value);
	free(entry);
	if (file && (fclose(file) || !good)) {
		free(text);
		return NULL;
	}
	return text;
}

/** What others decide all the same, now that it is written. */
static bool takes_effect(const struct unit_request *request)
{
	struct unit_state state;
	const struct unit_variable *variable;
	const char *entry;
	bool effective = true;

	if (!unit_state_read(request, true, &state))
		return false;
	variable = unit_environment_find(&state.env, "LD_PRELOAD");
	if (!variable || !preload_entry(variable->value, &entry)) {
		complain("a drop-in of %s that comes after %s sets LD_PRELOAD anew: it has no effect",
			 state.files.name, state.dropin_path);
		effective = false;
	}
	for (int i = 0; i < SETTINGS; i++) {
		if (!request->settings[i])
			continue;
		variable = unit_environment_find(&state.env, settings[i].variable);
		if (variable && strcmp(variable->path, state.dropin_path) == 0)
			continue;
		complain("%s: other files of %s decide it: --%s has no effect", settings[i].variable,
			 state.files.name, settings[i].option.name);
		effective = false;
	}
	unit_state_free(&state);
	return effective;
}

/** What was done, and what the user has to do. */
static void tell_enabled(const struct unit_request *request, const struct unit_state *state)
{
	const struct unit_variable *preload = unit_environment_find(&state->env, "LD_PRELOAD");

	printf("%s%s is written.\n", shown_root(request), state->dropin_path);
	if (preload && *preload->value)
		printf("What %s preloads stays behind the library: %s\n", preload->path, preload->value);
	if (!strcmp(request->root, "/"))
		printf("To start it with upshift: %s\n", restart_command(state->files.name));
}

static bool enable(const struct unit_request *request, const char *library, const struct unit_state *state)
{
	const struct unit_variable *preload = unit_environment_find(&state->env, "LD_PRELOAD");
	char *text = make_settings(request, library, preload ? preload->value : NULL);
	const int err = text ? dropin_write(request->root, state->files.name, text) : -ENOMEM;

	free(text);
	if (err)
		complain_of_file(request, state->dropin_path, err);
	else
		tell_enabled(request, state);
	return !err && takes_effect(request);
}

int command_enable(int argc, char **argv)
{
	static const struct argp_option options[] = {
		OPTION_ROOT,
		{ "library", KEY_LIBRARY, "FILE", 0, "preload this libupshift.so", 1 },
		{ 0 },
	};
	const struct argp_child children[] = { { settings_argp(), 0, NULL, 0 }, { 0 } };
	const struct argp argp = {
		.options = options,
		.parser = unit_parse,
		.args_doc = "UNIT",
		.doc = "Have systemd start a service under upshift, with these settings and no "
		       "others.\vWrites a "
		       "drop-in for the service and restarts nothing.",
		.children = children,
	};
	struct unit_request request;
	struct unit_state state;
	const char *library;
	bool done;

	if (!unit_request_read(&argp, argc, argv, &request) || !settings_are_good(&request))
		return STATUS_FAILED;
	library = choose_library(&request);
	if (!library || !unit_state_read(&request, false, &state))
		return STATUS_FAILED;
	done = can_enable(&request, &state) && enable(&request, library, &state);
	unit_state_free(&state);
	return done ? STATUS_OK : STATUS_FAILED;
}
