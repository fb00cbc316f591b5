// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "scenario.h"

#define MAX_LINES 1024

static const char *const kinds[HIT_KINDS] = {
	[HIT_ENTRY] = "entry",         [HIT_SECOND] = "second",      [HIT_RETURN] = "return",
	[HIT_SLEEPABLE] = "sleepable", [HIT_RETURNS_ONE] = "other",  [HIT_KPROBE_SECTION] = "kprobe-section",
	[HIT_USDT] = "usdt",           [HIT_TAIL_CALLER] = "caller", [HIT_TAIL_CALLEE] = "callee",
};

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *hit_line(const struct hit_key *key, const struct hit_value *value)
{
	char place[64], *line;

	if (key->kind == HIT_USDT)
		snprintf(place, sizeof(place), "location-%lld", key->where);
	else
		who_place(key->tgid, key->where, place);
	if (asprintf(&line, "hits %s %s %s cookie=%llu count=%llu sum=%lld", who_name(key->tgid),
		     kinds[key->kind], place, key->cookie, value->count, value->sum) < 0)
		die("no memory");
	return line;
}

void say_hits(int map_fd)
{
	struct hit_key key, *previous = NULL;
	struct hit_value value;
	char *lines[MAX_LINES];
	int nr = 0, i;

	while (nr < MAX_LINES && !bpf_map_get_next_key(map_fd, previous, &key)) {
		if (!bpf_map_lookup_elem(map_fd, &key, &value))
			lines[nr++] = hit_line(&key, &value);
		previous = &key;
	}
	qsort(lines, nr, sizeof(*lines), compare_lines);
	for (i = 0; i < nr; i++) {
		say("%s", lines[i]);
		free(lines[i]);
	}
	if (!nr)
		say("hits none");
}

void hits_clear(int map_fd)
{
	struct hit_key key;

	while (!bpf_map_get_next_key(map_fd, NULL, &key))
		bpf_map_delete_elem(map_fd, &key);
}
