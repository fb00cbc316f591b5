// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "unit/name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

#define SERVICE ".service"

static bool ends_with(const char *text, const char *end)
{
	const size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/** A type of unit that has no processes, or none that it starts itself. */
static bool other_type(const char *text)
{
	static const char *const types[] = { ".automount", ".device", ".mount", ".path",   ".scope",
					     ".slice",     ".socket", ".swap",  ".target", ".timer" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (ends_with(text, types[i]))
			return true;
	return false;
}

static bool characters_are_valid(const char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(":-_.\\@", *text))
			return false;
	return true;
}

bool unit_name_is_valid(const char *name)
{
	return ends_with(name, SERVICE) && strlen(name) < UNIT_NAME_SIZE && !strchr("@.", *name) &&
	       characters_are_valid(name);
}

bool unit_name_read(const char *text, char name[UNIT_NAME_SIZE])
{
	if (strchr(text, '/') || strstr(text, "..")) {
		complain("%s: a unit's name, not a path, please", text);
		return false;
	}
	if (other_type(text)) {
		complain("%s: only services run programs that can be upgraded", text);
		return false;
	}
	if (!characters_are_valid(text) || !*text || strchr("@.", *text)) {
		complain("%s: not a unit's name; systemd-escape makes one of any text", text);
		return false;
	}
	if (snprintf(name, UNIT_NAME_SIZE, "%s%s", text, ends_with(text, SERVICE) ? "" : SERVICE) >=
	    UNIT_NAME_SIZE) {
		complain("%s: longer than any unit's name", text);
		return false;
	}
	return true;
}

bool unit_name_is_template(const char *name)
{
	return ends_with(name, "@" SERVICE);
}

bool unit_name_template(const char *name, char template[UNIT_NAME_SIZE])
{
	const char *at = strchr(name, '@');

	if (!at || unit_name_is_template(name))
		return false;
	snprintf(template, UNIT_NAME_SIZE, "%.*s" SERVICE, (int)(at + 1 - name), name);
	return true;
}

bool unit_name_shorten(const char *name, char shorter[UNIT_NAME_SIZE])
{
	const char *end = strchr(name, '@'), *dash;

	if (!end)
		end = name + strlen(name) - strlen(SERVICE);
	/* Not the dash that a shortened name ends with. */
	dash = end - name >= 2 ? memrchr(name, '-', (size_t)(end - name - 1)) : NULL;
	if (!dash)
		return false;
	snprintf(shorter, UNIT_NAME_SIZE, "%.*s%s", (int)(dash + 1 - name), name, end);
	return true;
}
