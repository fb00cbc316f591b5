// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "common/arguments.h"

#include <argp.h>
#include <stddef.h>

struct parsing {
	struct arguments *arguments;
	const char *subject;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const struct parsing *parsing = state->input;

	switch (key) {
	case 'j':
		parsing->arguments->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (!parsing->subject)
			return ARGP_ERR_UNKNOWN;
		if (parsing->arguments->subject)
			argp_error(state, "one %s at a time", parsing->subject);
		parsing->arguments->subject = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		if (parsing->subject)
			argp_error(state, "which %s?", parsing->subject);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int arguments_read(int argc, char **argv, const char *subject, const char *doc, struct arguments *arguments)
{
	static const struct argp_option options[] = {
		{ "json", 'j', NULL, 0, "one JSON object, for scripts", 0 },
		{ 0 },
	};
	const struct argp argp = { .options = options, .parser = parse, .args_doc = subject, .doc = doc };
	struct parsing parsing = { arguments, subject };

	*arguments = (struct arguments){ 0 };
	return argp_parse(&argp, argc, argv, 0, NULL, &parsing) ? -1 : 0;
}
