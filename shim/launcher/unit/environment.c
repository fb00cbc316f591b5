// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "unit/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "unit/syntax.h"

#define PRELOAD "LD_PRELOAD"

/* What an EnvironmentFile= names, and the file of the unit that does. */
struct named_file {
	char *name;
	const char *path;
};

struct named_files {
	struct named_file *files;
	size_t cnt;
};

const struct unit_variable *unit_environment_find(const struct unit_environment *env, const char *name)
{
	for (size_t i = 0; i < env->cnt; i++)
		if (!strcmp(env->variables[i].name, name))
			return &env->variables[i];
	return NULL;
}

static void reset(struct unit_environment *env)
{
	for (size_t i = 0; i < env->cnt; i++)
		free(env->variables[i].name);
	free(env->variables);
	env->variables = NULL;
	env->cnt = 0;
}

/** Takes a "NAME=VALUE", which is freed or kept. */
static int assign(struct unit_environment *env, char *assignment, const char *path, bool of_named_file)
{
	char *equals = strchr(assignment, '=');
	struct unit_variable *variable, *grown;

	if (!equals || (strncmp(assignment, PRELOAD "=", sizeof(PRELOAD)) != 0 &&
			strncmp(assignment, "UPSHIFT", 7) != 0)) {
		free(assignment);
		return 0;
	}
	*equals = '\0';
	variable = (struct unit_variable *)unit_environment_find(env, assignment);
	if (variable) {
		free(variable->name);
	} else {
		grown = reallocarray(env->variables, env->cnt + 1, sizeof(*grown));
		if (!grown) {
			free(assignment);
			return -ENOMEM;
		}
		env->variables = grown;
		variable = &grown[env->cnt++];
	}
	*variable = (struct unit_variable){ assignment, equals + 1, path, of_named_file };
	return 0;
}

/** Environment=: an empty one resets all before it. */
static int read_assignments(struct unit_environment *env, const char *value, const char *path)
{
	char *word;
	int err = 0;

	if (!*value)
		reset(env);
	while (!err && (word = unit_next_word(&value)))
		err = assign(env, word, path, false);
	return err;
}

static void read_unset(struct unit_environment *env, const char *value, const char *path)
{
	char *word;

	if (!*value)
		env->preload_unset = NULL;
	for (; (word = unit_next_word(&value)); free(word))
		if (!strcmp(word, PRELOAD))
			env->preload_unset = path;
}

static void forget_names(struct named_files *named)
{
	for (size_t i = 0; i < named->cnt; i++)
		free(named->files[i].name);
	free(named->files);
	*named = (struct named_files){ 0 };
}

/** EnvironmentFile=: "-" is for a file that may be missing. */
static int read_name(struct named_files *named, const char *value, const char *path)
{
	struct named_file *files;

	if (!*value) {
		forget_names(named);
		return 0;
	}
	files = reallocarray(named->files, named->cnt + 1, sizeof(*files));
	if (!files)
		return -ENOMEM;
	named->files = files;
	files[named->cnt] = (struct named_file){ strdup(value + (*value == '-')), path };
	return files[named->cnt].name ? (named->cnt++, 0) : -ENOMEM;
}

static int read_unit_file(FILE *file, const char *path, struct unit_environment *env,
			  struct named_files *named)
{
	struct unit_reader reader = { .file = file };
	int err = 0;

	while (unit_read_setting(&reader)) {
		if (err || !reader.section || strcmp(reader.section, "Service") != 0)
			continue;
		if (!strcmp(reader.key, "Environment"))
			err = read_assignments(env, reader.value, path);
		else if (!strcmp(reader.key, "EnvironmentFile"))
			err = read_name(named, reader.value, path);
		else if (!strcmp(reader.key, "UnsetEnvironment"))
			read_unset(env, reader.value, path);
	}
	return err;
}

/** A named file has the same lines, but one value each, in quotes or not. */
static int read_named_file(FILE *file, const char *path, struct unit_environment *env)
{
	struct unit_reader reader = { .file = file };
	int err = 0;

	while (unit_read_setting(&reader)) {
		const size_t len = strlen(reader.value);
		const bool quoted =
			len > 1 && strchr("\"'", *reader.value) && reader.value[len - 1] == *reader.value;
		char *assignment;

		if (!err && asprintf(&assignment, "%s=%.*s", reader.key, (int)(len - 2 * quoted),
				     reader.value + quoted) < 0)
			err = -ENOMEM;
		if (!err)
			err = assign(env, assignment, path, true);
	}
	return err;
}

/** The files that a name stands for, which may be a pattern. One with specifiers is not known here. */
static int read_named(const char *root, const struct named_file *named, struct unit_environment *env)
{
	const size_t root_len = strcmp(root, "/") != 0 ? strlen(root) : 0;
	char *pattern;
	glob_t found = { 0 };
	FILE *file;
	int err = 0;

	if (strchr(named->name, '%'))
		return 0;
	if (asprintf(&pattern, "%.*s%s", (int)root_len, root, named->name) < 0)
		return -ENOMEM;
	if (glob(pattern, GLOB_NOCHECK, NULL, &found))
		err = -ENOMEM;
	for (size_t i = 0; !err && i < found.gl_pathc; i++) {
		file = root_fopen(root, found.gl_pathv[i] + root_len);
		if (file)
			err = read_named_file(file, named->path, env);
		else if (errno != ENOENT)
			err = -errno;
	}
	globfree(&found);
	free(pattern);
	return err;
}

int unit_environment_read(const char *root, const struct unit_files *files, struct unit_environment *env,
			  const char **failed_path)
{
	struct named_files named = { 0 };
	FILE *file;
	int err = 0;

	*env = (struct unit_environment){ 0 };
	for (size_t i = 0; !err && i < files->cnt; i++) {
		*failed_path = files->paths[i];
		file = root_fopen(root, files->paths[i]);
		if (file)
			err = read_unit_file(file, files->paths[i], env, &named);
		else if (errno != ENOENT) /* what is masked in an image without /dev/null */
			err = -errno;
	}
	for (size_t i = 0; !err && i < named.cnt; i++) {
		*failed_path = named.files[i].path;
		err = read_named(root, &named.files[i], env);
	}
	if (!err)
		*failed_path = NULL;
	forget_names(&named);
	if (err)
		unit_environment_free(env);
	return err;
}

void unit_environment_free(struct unit_environment *env)
{
	reset(env);
	env->preload_unset = NULL;
}
