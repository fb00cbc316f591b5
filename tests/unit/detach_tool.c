// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "detach_tool.h"

int prog;

void start_detaching(enum detach_mode mode)
{
	prog = tool_start_with_program(&fake_linux_6_18);
	config.detach = mode;
	config.pid_multi = true;
	fake_hold_threads();
}

int link_at(uint64_t offset)
{
	const struct tool_uprobe uprobe = { .offset = offset };

	return tool_only_link(&uprobe, prog);
}

void close_one(void)
{
	assert_int_equal(tool_close(link_at(0)), 0);
}

bool all_is_detached(void)
{
	return fake_probes(NULL, 0) == 0;
}
