// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift disable: removes a service's drop-in. */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "common/preload.h"
#include "unit/dropin.h"
#include "unit/unit.h"

static bool disable(const struct unit_request *request, const struct unit_state *state)
{
	const struct unit_variable *preload = unit_environment_find(&state->env, "LD_PRELOAD");
	const char *root = shown_root(request), *entry;
	const int err = state->dropin == 1 ? dropin_remove(request->root, state->files.name) : state->dropin;

	if (err == -EEXIST)
		complain("%s%s is not from upshift: it stays", root, state->dropin_path);
	else if (err)
		complain_of_file(request, state->dropin_path, err);
	else if (state->dropin)
		printf("%s%s is removed.\n", root, state->dropin_path);
	else
		printf("%s is not enabled: nothing to do.\n", state->files.name);
	if (preload && preload_entry(preload->value, &entry))
		complain("%s%s preloads upshift too: that stays", root, preload->path);
	if (!err && state->dropin && !*root)
		printf("To start it without upshift: %s\n", restart_command(state->files.name));
	return !err;
}

int command_disable(int argc, char **argv)
{
	static const struct argp_option options[] = { OPTION_ROOT, { 0 } };
	static const struct argp argp = {
		.options = options,
		.parser = unit_parse,
		.args_doc = "UNIT",
		.doc = "Have systemd start a service without upshift again.\vRemoves what upshift enable "
		       "wrote and "
		       "restarts nothing.",
	};
	struct unit_request request;
	struct unit_state state;
	bool done;

	if (!unit_request_read(&argp, argc, argv, &request) || !unit_state_read(&request, false, &state))
		return STATUS_FAILED;
	done = disable(&request, &state);
	unit_state_free(&state);
	return done ? STATUS_OK : STATUS_FAILED;
}
