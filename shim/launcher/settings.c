// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "settings.h"

#include <string.h>

static const char *const levels[] = { "error", "warn", "info", "debug", NULL };
static const char *const whens[] = { "auto", "sync", "async", NULL };
static const char *const ways[] = { "perf", "multi", NULL };
static const char *const switches[] = { "on", "off", NULL };

const struct setting settings[SETTINGS] = {
	{ { "log", 'l', "LEVEL", 0, "error, warn (default), info or debug: lines on stderr", 0 },
	  "UPSHIFT_LOG",
	  NULL,
	  levels },
	{ { "log-file", 'L', "FILE", 0, "these lines go to FILE", 0 }, "UPSHIFT_LOG_FILE", NULL, NULL },
	{ { "report", 'r', "FILE", 0, "a JSON line for each decision; see upshift report", 0 },
	  "UPSHIFT_REPORT",
	  NULL,
	  NULL },
	{ { "only", 'o', "GLOBS", 0, "upgrade only these: programs, sections or targets, ':' between", 0 },
	  "UPSHIFT_ONLY",
	  NULL,
	  NULL },
	{ { "skip", 's', "GLOBS", 0, "do not upgrade these", 0 }, "UPSHIFT_SKIP", NULL, NULL },
	{ { "commands", 'c', "GLOBS", 0, "be at work only in processes of these names", 0 },
	  "UPSHIFT_COMMANDS",
	  NULL,
	  NULL },
	{ { "kprobes", 'k', NULL, 0, "upgrade kprobes too", 0 }, "UPSHIFT_KPROBES", "on", NULL },
	{ { "detach", 'd', "WHEN", 0, "auto (default), sync or async: when a detach is complete", 0 },
	  "UPSHIFT_DETACH",
	  NULL,
	  whens },
	{ { "keep", 'K', "SWITCH", 0, "on (default) or off: a tool that is killed dies at once", 0 },
	  "UPSHIFT_KEEP",
	  NULL,
	  switches },
	{ { "stats", 'S', NULL, 0, "what is attached, on stderr, once a second and at SIGUSR1", 0 },
	  "UPSHIFT_STATS",
	  "on",
	  NULL },
	{ { "require", 'R', NULL, 0, "an eligible attach that cannot be upgraded fails", 0 },
	  "UPSHIFT",
	  "require",
	  NULL },
	{ { "versioned", 'v', NULL, 0, "upgrade versioned symbols too", 0 },
	  "UPSHIFT_VERSIONED",
	  "multi",
	  NULL },
	{ { "pid", 'p', "WAY", 0, "perf (default) or multi: which way uprobes for one process go", 0 },
	  "UPSHIFT_PID",
	  NULL,
	  ways },
	{ { "token", 't', "DIR", 0, "a BPF file system, delegated to a container, for BPF tokens", 0 },
	  "UPSHIFT_TOKEN",
	  NULL,
	  NULL },
};

/** What the library would answer with a line and its default is better refused here. Empty is not set. */
static void check(const struct setting *setting, const char *arg, struct argp_state *state)
{
	const char *const *word = *arg ? setting->words : NULL;

	while (word && *word && strcmp(*word, arg) != 0)
		word++;
	if (word && !*word)
		argp_error(state, "--%s=%s: it is %s", setting->option.name, arg, setting->option.doc);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **values = state->input;

	for (int i = 0; i < SETTINGS; i++) {
		if (settings[i].option.key != key)
			continue;
		if (arg)
			check(&settings[i], arg, state);
		values[i] = arg ? arg : settings[i].value;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp *settings_argp(void)
{
	static struct argp_option options[SETTINGS + 1];
	static const struct argp argp = { .options = options, .parser = parse };

	for (int i = 0; i < SETTINGS; i++)
		options[i] = settings[i].option;
	return &argp;
}
