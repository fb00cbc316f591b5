// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "hints.h"

#include <string.h>

#include "static_tls.h"

static STATIC_TLS const struct load_hints *load_hints;
static STATIC_TLS const struct attach_hint *attach_hint;
static STATIC_TLS const char *detach_scope;

const struct load_hints *hints_set_load(const struct load_hints *hints)
{
	const struct load_hints *before = load_hints;

	load_hints = hints;
	return before;
}

bool hints_loading(void)
{
	return load_hints;
}

const struct load_hint *hints_for_load(const char prog_name[16])
{
	const struct load_hint *found = NULL;

	for (size_t i = 0; load_hints && i < load_hints->cnt; i++) {
		const struct load_hint *hint = &load_hints->hints[i];

		/* libbpf hands over the first 15 characters */
		if (strncmp(hint->program, prog_name, 15) != 0)
			continue;
		if (found)
			return NULL; /* two programs by that name: none is changed, both can be upgraded at
					the attach */
		found = hint;
	}
	return found;
}

const struct attach_hint *hints_set_attach(const struct attach_hint *hint)
{
	const struct attach_hint *before = attach_hint;

	attach_hint = hint;
	return before;
}

const struct attach_hint *hints_for_attach(void)
{
	return attach_hint;
}

bool hints_in_detach_scope(void)
{
	return detach_scope;
}

/** What is called by such a call, or by what that calls, has its own frame below. */
void hints_forget_left_scope(const void *cfa)
{
	if (detach_scope && (const char *)cfa >= detach_scope)
		detach_scope = NULL;
}

bool hints_enter_detach_scope(const void *cfa)
{
	hints_forget_left_scope(cfa);
	if (detach_scope)
		return false;
	detach_scope = cfa;
	return true;
}

void hints_leave_detach_scope(void)
{
	detach_scope = NULL;
}
