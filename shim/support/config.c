// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "config.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "log.h"

struct config config = { .log_level = LOG_WARN };

/** Index of a variable's value among the words it may have; one line and the default if it is another. */
static int read_word(const char *name, const char *const words[], int default_index)
{
	const char *value = secure_getenv(name);
	char known[64] = "";
	size_t len = 0;

	if (!value || !*value)
		return default_index;
	for (int i = 0; words[i]; i++) {
		if (strcmp(value, words[i]) == 0)
			return i;
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "", words[i]);
	}
	log_line(LOG_ERROR, "%s=%s is not one of: %s; using %s", name, value, known, words[default_index]);
	return default_index;
}

static const char *read_text(const char *name)
{
	const char *value = secure_getenv(name);

	return value && *value ? strdup(value) : NULL;
}

/** A path, made absolute, because the tool may change its directory. NULL without one or without memory. */
static char *read_absolute(const char *name)
{
	const char *value = secure_getenv(name);
	char cwd[PATH_MAX], *path;

	if (!value || !*value)
		return NULL;
	if (value[0] == '/' || !getcwd(cwd, sizeof(cwd)))
		return strdup(value);
	return asprintf(&path, "%s/%s", cwd, value) < 0 ? NULL : path;
}

/**
 * A file that lines will be appended to: opened for each line, because the tool may close every fd it
 * did not open itself. NULL with one line if it cannot be opened now.
 */
static const char *read_path(const char *name)
{
	const char *value = secure_getenv(name);
	char *path = read_absolute(name);
	int err;

	if (!value || !*value)
		return NULL;
	err = path ? append_line(path, "", 0) : -ENOMEM;
	if (!err)
		return path;
	log_line(LOG_ERROR, "%s=%s cannot be written: %s; going on without it", name, value, strerror(-err));
	free(path);
	return NULL;
}

/** By the name of the file that runs, or by that of a script, which the kernel keeps as the thread's name. */
static bool is_named(const char *globs)
{
	char comm[16] = "";

	prctl(PR_GET_NAME, comm);
	return globs_match(globs, program_invocation_short_name) || globs_match(globs, comm);
}

void config_read(void)
{
	static const char *const modes[] = { "on", "off", "require", NULL };
	static const char *const levels[] = { "error", "warn", "info", "debug", NULL };
	static const char *const detach[] = { "auto", "sync", "async", NULL };
	static const char *const off_on[] = { "off", "on", NULL };
	static const char *const on_off[] = { "on", "off", NULL };
	static const char *const stats[] = { "off", "on", "signal", NULL };
	static const char *const perf_multi[] = { "perf", "multi", NULL };
	const char *commands = secure_getenv("UPSHIFT_COMMANDS");
	int mode;

	config.log_level = (enum log_level)read_word("UPSHIFT_LOG", levels, LOG_WARN);
	mode = read_word("UPSHIFT", modes, 0);
	config.off = mode == 1 || (commands && *commands && !is_named(commands));
	if (config.off)
		return;
	config.require = mode == 2;
	config.versioned_multi = read_word("UPSHIFT_VERSIONED", perf_multi, 0) == 1;
	config.pid_multi = read_word("UPSHIFT_PID", perf_multi, 0) == 1;
	config.detach = (enum detach_mode)read_word("UPSHIFT_DETACH", detach, DETACH_AUTO);
	config.keep = read_word("UPSHIFT_KEEP", on_off, 0) == 0;
	config.kprobes = read_word("UPSHIFT_KPROBES", off_on, 0) == 1;
	config.stats = (enum stats_mode)read_word("UPSHIFT_STATS", stats, STATS_OFF);
	config.only = read_text("UPSHIFT_ONLY");
	config.skip = read_text("UPSHIFT_SKIP");
	config.log_file = read_path("UPSHIFT_LOG_FILE");
	config.report = read_path("UPSHIFT_REPORT");
	config.token = read_absolute("UPSHIFT_TOKEN");
	if (!config.token)
		config.token = read_absolute("LIBBPF_BPF_TOKEN_PATH"); /* libbpf's own, from 1.5 on */
}

bool globs_match(const char *list, const char *text)
{
	char glob[PATH_MAX];

	if (!list || !text)
		return false;
	for (const char *end; *list; list = *end ? end + 1 : end) {
		end = strchrnul(list, ':');
		if (end == list || (size_t)(end - list) >= sizeof(glob))
			continue;
		memcpy(glob, list, (size_t)(end - list));
		glob[end - list] = '\0';
		if (fnmatch(glob, text, 0) == 0)
			return true;
	}
	return false;
}
