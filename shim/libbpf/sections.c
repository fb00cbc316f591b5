// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "sections.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/** Is section this type, alone or followed by '/'? */
static bool is_type(const char *section, const char *type)
{
	size_t len = strlen(type);

	return strncmp(section, type, len) == 0 && (section[len] == '\0' || section[len] == '/');
}

static bool is_any(const char *section, const char *const types[])
{
	for (; *types; types++)
		if (is_type(section, *types))
			return true;
	return false;
}

enum section_wish section_wish(const char *section, bool versioned_multi)
{
	static const char *const eligible[] = { "uprobe", "uretprobe", "uprobe.s", "uretprobe.s",
						"usdt",   "usdt.s",    NULL };
	static const char *const single[] = { "uprobe.single", "uretprobe.single", "uprobe.single.s",
					      "uretprobe.single.s", NULL };

	if (is_any(section, single))
		return SECTION_PERF;
	if (!is_any(section, eligible))
		return SECTION_UNKNOWN;
	return strchr(section, '@') && !versioned_multi ? SECTION_PERF : SECTION_MULTI;
}

int section_parse(const char *section, bool pattern, struct section_target *target)
{
	const char *path = strchr(section, '/'), *function, *plus;
	char *end = "";

	*target = (struct section_target){ 0 };
	if (!path)
		return -ENOENT;
	path++;
	function = strchr(path, ':');
	if (!function || function == path || !function[1])
		return -EINVAL;
	plus = pattern ? NULL : strchr(function + 1, '+');
	if (plus)
		target->offset = strtoul(plus + 1, &end, 0);
	if (*end || (plus && !plus[1]))
		return -EINVAL;
	target->path = strndup(path, (size_t)(function - path));
	target->function = plus ? strndup(function + 1, (size_t)(plus - function - 1)) : strdup(function + 1);
	if (target->path && target->function)
		return 0;
	free(target->path);
	free(target->function);
	return -ENOMEM;
}
