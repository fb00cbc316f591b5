// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift report: a summary of what UPSHIFT_REPORT wrote, of all the processes in it. */
#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "command.h"

enum { SLOWEST = 10 };

/* The counts are kept in the JSON object that --json prints; the text is written from it. */
struct summary {
	json_object *root;
	json_object *slowest[SLOWEST]; /* the slowest first */
	int slowest_cnt;
	unsigned long lines, unreadable;
};

/* ---- reading ------------------------------------------------------------------------------------- */

static const char *text(json_object *object, const char *key)
{
	const char *value = json_object_get_string(json_object_object_get(object, key));

	return value ? value : "";
}

static json_object *child(json_object *object, const char *key)
{
	json_object *found = json_object_object_get(object, key);

	if (!found) {
		found = json_object_new_object();
		json_object_object_add(object, key, found);
	}
	return found;
}

static void add_to(json_object *object, const char *key, int64_t value)
{
	json_object_object_add(
		object, key,
		json_object_new_int64(json_object_get_int64(json_object_object_get(object, key)) + value));
}

/** By path and, below that, by reason. */
static void count(json_object *counts, json_object *line)
{
	json_object *path = child(counts, text(line, "path"));

	add_to(path, "total", 1);
	add_to(child(path, "reasons"), text(line, "reason"), 1);
}

static int64_t duration(json_object *line)
{
	return json_object_get_int64(json_object_object_get(line, "duration_us"));
}

static void keep_if_slow(struct summary *summary, json_object *line)
{
	int place = summary->slowest_cnt;

	while (place && duration(summary->slowest[place - 1]) < duration(line))
		place--;
	if (place == SLOWEST)
		return;
	if (summary->slowest_cnt == SLOWEST)
		json_object_put(summary->slowest[--summary->slowest_cnt]);
	memmove(&summary->slowest[place + 1], &summary->slowest[place],
		(size_t)(summary->slowest_cnt - place) * sizeof(summary->slowest[0]));
	summary->slowest[place] = json_object_get(line);
	summary->slowest_cnt++;
}

static void read_detach(struct summary *summary, json_object *line)
{
	json_object *detaches = child(summary->root, "detaches");

	count(detaches, line);
	add_to(child(detaches, text(line, "path")), "duration_us", duration(line));
	if (duration(line))
		keep_if_slow(summary, line);
}

/** Older reports have no word on it, and a process that made no link needed none. */
static void read_summary(struct summary *summary, json_object *line)
{
	json_object *keeper;

	add_to(summary->root, "lines_lost",
	       json_object_get_int64(json_object_object_get(line, "lines_lost")));
	if (!json_object_object_get_ex(line, "keeper", &keeper))
		return;
	if (json_object_get_boolean(keeper))
		add_to(child(summary->root, "keepers"), "there", 1);
	else
		add_to(child(child(summary->root, "keepers"), "missing"), text(line, "keeper_missing"), 1);
}

static void read_event(struct summary *summary, json_object *line)
{
	const char *event = text(line, "event");
	char process[64];

	if (!strcmp(event, "load"))
		count(child(summary->root, "loads"), line);
	else if (!strcmp(event, "attach"))
		count(child(summary->root, "attaches"), line);
	else if (!strcmp(event, "detach"))
		read_detach(summary, line);
	else if (!strcmp(event, "summary"))
		read_summary(summary, line);
	snprintf(process, sizeof(process), "%s %s", text(line, "process"), text(line, "command"));
	add_to(child(summary->root, "processes"), process, 1);
}

static void read_line(struct summary *summary, const char *line)
{
	json_object *object = json_tokener_parse(line);

	summary->lines++;
	if (json_object_is_type(object, json_type_object) && *text(object, "event"))
		read_event(summary, object);
	else
		summary->unreadable++;
	json_object_put(object);
}

static int read_report(struct summary *summary, const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	size_t size = 0;
	char *line = NULL;
	int err = 0;

	if (!file)
		return errno;
	while (getline(&line, &size, file) > 0)
		if (*line != '\n')
			read_line(summary, line);
	if (ferror(file))
		err = errno;
	free(line);
	if (file != stdin)
		fclose(file);
	return err;
}

/* ---- telling ------------------------------------------------------------------------------------- */

/** How the paths are called: of programs, and of probes. */
struct titles {
	const char *multi, *perf;
};

static const struct titles of_programs = { "for multi links", "as the tool made them" };
static const struct titles of_probes = { "on multi links", "on perf events" };

static const char *title_of(const struct titles *titles, const char *path)
{
	if (!strcmp(path, "multi"))
		return titles->multi;
	return strcmp(path, "perf") ? path : titles->perf;
}

static void print_counts(const char *title, json_object *counts, const struct titles *titles)
{
	if (!counts)
		return;
	printf("%s\n", title);
	json_object_object_foreach(counts, path, of_path)
	{
		json_object *reasons = json_object_object_get(of_path, "reasons");

		printf("  %6lld %s\n",
		       (long long)json_object_get_int64(json_object_object_get(of_path, "total")),
		       title_of(titles, path));
		json_object_object_foreach(reasons, reason, number)
			printf("           %6lld %s\n", (long long)json_object_get_int64(number), reason);
	}
}

static void print_keepers(json_object *keepers)
{
	json_object *missing = json_object_object_get(keepers, "missing");
	const long long there = json_object_get_int64(json_object_object_get(keepers, "there"));

	if (there)
		printf("A keeper in %lld processes: had they been killed, they would have died at once\n",
		       there);
	if (!missing)
		return;
	json_object_object_foreach(missing, reason, number)
		printf("No keeper in %lld: %s\n", (long long)json_object_get_int64(number), reason);
}

static void print_slowest(const struct summary *summary)
{
	if (summary->slowest_cnt)
		puts("Slowest detaches");
	for (int i = 0; i < summary->slowest_cnt; i++) {
		json_object *line = summary->slowest[i];

		printf("  %9.3f ms  %s, %s+0x%llx, %s\n", (double)duration(line) / 1000,
		       text(line, "program"), text(line, "target"),
		       (unsigned long long)json_object_get_int64(json_object_object_get(line, "offset")),
		       title_of(&of_probes, text(line, "path")));
	}
}

static void print_text(const struct summary *summary)
{
	json_object *processes = json_object_object_get(summary->root, "processes");

	printf("%lu lines of %d processes\n", summary->lines,
	       processes ? json_object_object_length(processes) : 0);
	if (processes) {
		json_object_object_foreach(processes, process, lines)
			printf("  %6lld %s\n", (long long)json_object_get_int64(lines), process);
	}
	print_counts("Programs loaded", json_object_object_get(summary->root, "loads"), &of_programs);
	print_counts("Probes attached", json_object_object_get(summary->root, "attaches"), &of_probes);
	print_counts("Probes detached", json_object_object_get(summary->root, "detaches"), &of_probes);
	print_keepers(json_object_object_get(summary->root, "keepers"));
	print_slowest(summary);
	if (summary->unreadable)
		printf("%lu lines could not be read\n", summary->unreadable);
}

static void print_json(const struct summary *summary)
{
	json_object *slowest = json_object_new_array();

	for (int i = 0; i < summary->slowest_cnt; i++)
		json_object_array_add(slowest, json_object_get(summary->slowest[i]));
	json_object_object_add(summary->root, "slowest_detaches", slowest);
	add_to(summary->root, "lines", (int64_t)summary->lines);
	add_to(summary->root, "unreadable_lines", (int64_t)summary->unreadable);
	puts(json_object_to_json_string_ext(summary->root,
					    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* ---- the command --------------------------------------------------------------------------------- */

int command_report(int argc, char **argv)
{
	struct summary summary = { .root = json_object_new_object() };
	struct arguments arguments;
	int err;

	if (arguments_read(argc, argv, "FILE",
			   "A summary of what upshift wrote with UPSHIFT_REPORT=FILE (or run --report=FILE): "
			   "what went "
			   "which way and why, and the slowest detaches. FILE may be - for standard input.",
			   &arguments))
		return STATUS_FAILED;
	err = read_report(&summary, arguments.subject);
	if (err)
		complain("%s: %s", arguments.subject, strerror(err));
	else if (summary.lines && summary.unreadable == summary.lines)
		complain("%s is no report of upshift's: none of its lines is one", arguments.subject);
	else if (arguments.json)
		print_json(&summary);
	else
		print_text(&summary);
	err |= summary.lines && summary.unreadable == summary.lines;
	while (summary.slowest_cnt)
		json_object_put(summary.slowest[--summary.slowest_cnt]);
	json_object_put(summary.root);
	return err ? STATUS_FAILED : STATUS_OK;
}
