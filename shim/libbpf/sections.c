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

bool section_is_any(const char *section, const char *const types[])
{
	for (; *types; types++)
		if (is_type(section, *types))
			return true;
	return false;
}

/** Does a kprobe's section name an offset or a module? Then it will stay on the perf path. */
static bool names_more_than_a_function(const char *section)
{
	return strpbrk(section, "+:");
}

enum section_wish section_wish(const char *section, bool versioned_multi, bool kprobes)
{
	static const char *const eligible[] = { "uprobe", "uretprobe", "uprobe.s", "uretprobe.s",
						"usdt",   "usdt.s",    NULL };
	static const char *const kernel[] = { "kprobe", "kretprobe", NULL };
	static const char *const single[] = { "uprobe.single",
					      "uretprobe.single",
					      "uprobe.single.s",
					      "uretprobe.single.s",
					      "kprobe.single",
					      "kretprobe.single",
					      NULL };

	if (section_is_any(section, single))
		return SECTION_PERF;
	if (kprobes && section_is_any(section, kernel) && !names_more_than_a_function(section))
		return SECTION_KPROBE_MULTI;
	if (!section_is_any(section, eligible))
		return SECTION_UNKNOWN;
	return strchr(section, '@') && !versioned_multi ? SECTION_PERF : SECTION_MULTI;
}

/** "FUNCTION[+OFFSET]", or a pattern, which has no offset. */
static int parse_function(const char *text, bool pattern, struct section_target *target)
{
	const char *plus = pattern ? NULL : strchr(text, '+');
	char *end = "";

	if (!*text || plus == text)
		return -EINVAL;
	if (plus)
		target->offset = strtoul(plus + 1, &end, 0);
	if (*end || (plus && !plus[1]))
		return -EINVAL;
	target->function = plus ? strndup(text, (size_t)(plus - text)) : strdup(text);
	return target->function ? 0 : -ENOMEM;
}

int section_parse(const char *section, bool pattern, struct section_target *target)
{
	const char *path = strchr(section, '/'), *colon;
	int err;

	*target = (struct section_target){ 0 };
	if (!path)
		return -ENOENT;
	path++;
	colon = strchr(path, ':');
	if (!colon || colon == path)
		return -EINVAL;
	err = parse_function(colon + 1, pattern, target);
	if (err)
		return err;
	target->path = strndup(path, (size_t)(colon - path));
	if (target->path)
		return 0;
	free(target->function);
	return -ENOMEM;
}

int section_parse_kprobe(const char *section, struct section_target *target)
{
	const char *function = strchr(section, '/');

	*target = (struct section_target){ 0 };
	return function ? parse_function(function + 1, false, target) : -ENOENT;
}
