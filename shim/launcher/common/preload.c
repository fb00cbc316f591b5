// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "common/preload.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The entry at *value, which ld.so separates by colons and spaces; its length, or 0 at the end. */
static size_t next_entry(const char **value)
{
	*value += strspn(*value, ": ");
	return strcspn(*value, ": ");
}

static bool is_upshift(const char *entry, size_t len)
{
	static const char name[] = "/libupshift.so";
	const size_t name_len = sizeof(name) - 1;

	return len >= name_len && !strncmp(entry + len - name_len, name, name_len);
}

size_t preload_entry(const char *value, const char **entry)
{
	for (size_t len; (len = next_entry(&value)) > 0; value += len) {
		if (!is_upshift(value, len))
			continue;
		*entry = value;
		return len;
	}
	return 0;
}

char *preload_in_front(const char *library, const char *before)
{
	char *value = strdup(library), *longer;

	for (size_t len; value && before && (len = next_entry(&before)) > 0; before += len) {
		if (is_upshift(before, len))
			continue;
		if (asprintf(&longer, "%s:%.*s", value, (int)len, before) < 0)
			longer = NULL;
		free(value);
		value = longer;
	}
	return value;
}
