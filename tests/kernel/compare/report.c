// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* UPSHIFT_REPORT and UPSHIFT_LOG_FILE: what is in the files. */
#include <json-c/json.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "check.h"
#include "run.h"

#define MAX_LINES 64

struct file {
	char path[64];
	int nr;
	json_object *lines[MAX_LINES];
};

/* A file that does not exist yet. */
static void file_name(struct file *file)
{
	int fd;

	strcpy(file->path, "/tmp/upshift-test-XXXXXX");
	fd = mkstemp(file->path);
	assert_true(fd >= 0);
	close(fd);
	unlink(file->path);
}

static void read_lines(struct file *file)
{
	FILE *stream = fopen(file->path, "re");
	char line[16384];

	if (!stream)
		fail_msg("there is no report");
	while (fgets(line, sizeof(line), stream)) {
		assert_true(file->nr < MAX_LINES);
		file->lines[file->nr] = json_tokener_parse(line);
		if (!json_object_is_type(file->lines[file->nr++], json_type_object))
			fail_msg("this is no JSON object: %s", line);
	}
	fclose(stream);
	unlink(file->path);
}

static void free_lines(struct file *file)
{
	while (file->nr)
		json_object_put(file->lines[--file->nr]);
}

/* Runs the scenario, which must do its work all the same. */
static void run_with(const char *scenario, const struct check *check, const char *format, struct file *file)
{
	char settings[256];
	struct run run;

	file_name(file);
	snprintf(settings, sizeof(settings), format, file->path);
	run = run_scenario(check->build, &(struct row){ .name = scenario }, check->upshift, settings);
	if (!run_ok(&run) || *run.err)
		fail_msg("it fails, or complains: %s%s", run.out, run.err);
	run_free(&run);
}

static const char *text(json_object *line, const char *name)
{
	json_object *member = json_object_object_get(line, name);

	return member ? json_object_get_string(member) : "";
}

static int64_t number(json_object *line, const char *name)
{
	json_object *member = json_object_object_get(line, name);

	if (!json_object_is_type(member, json_type_int))
		fail_msg("no number \"%s\" in %s", name, json_object_to_json_string(line));
	return json_object_get_int64(member);
}

/* The only line of the event and program. */
static json_object *find(struct file *file, const char *event, const char *program)
{
	json_object *found = NULL;
	int i;

	for (i = 0; i < file->nr; i++) {
		if (strcmp(text(file->lines[i], "event"), event) ||
		    strcmp(text(file->lines[i], "program"), program))
			continue;
		if (found)
			fail_msg("more than one line of %s %s", event, program);
		found = file->lines[i];
	}
	if (!found)
		fail_msg("no line of %s %s", event, program);
	return found;
}

static const char *file_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void check_attach_line(const struct check *check, json_object *line, const char *kind)
{
	assert_string_equal(text(line, "path"), check->has_multi ? "multi" : "perf");
	assert_string_equal(text(line, "kind"), kind);
	assert_string_equal(file_part(text(line, "target")), "target");
	assert_int_equal(number(line, "pid"), -1);
	assert_int_equal(number(line, "cookie"), 1);
	assert_true(number(line, "offset") > 0);
	assert_true(*text(line, "reason"));
}

/* Attaches on perf events whose reason is such; on multi links there may be others. */
static int count_perf(const char *path, bool (*is_such)(const char *reason, const char *text),
		      const char *wanted, int *multi)
{
	FILE *stream = fopen(path, "re");
	json_object *object;
	char line[16384];
	int nr = 0;

	*multi = 0;
	while (stream && fgets(line, sizeof(line), stream)) {
		object = json_tokener_parse(line);
		if (!strcmp(text(object, "event"), "attach")) {
			*multi += !strcmp(text(object, "path"), "multi");
			nr += !strcmp(text(object, "path"), "perf") &&
			      is_such(text(object, "reason"), wanted);
		}
		json_object_put(object);
	}
	if (stream)
		fclose(stream);
	return nr;
}

static bool is_kernels(const char *reason, const char *unused)
{
	(void)unused;
	return (strstr(reason, "this kernel") && strstr(reason, "probe_multi links")) ||
	       strstr(reason, "on x86-64 only");
}

int report_perf_for_kernel(const char *path)
{
	int multi, nr = count_perf(path, is_kernels, NULL, &multi);

	assert_int_equal(multi, 0);
	return nr;
}

static bool has_text(const char *reason, const char *text)
{
	return strstr(reason, text);
}

int report_perf_because(const char *path, const char *text)
{
	int multi;

	return count_perf(path, has_text, text, &multi);
}

/* Two uprobes, one at a return. */
void check_report(void **state)
{
	const struct check *check = *state;
	struct file file = {};
	json_object *entry, *leave;

	run_with("entry-and-return", check, "UPSHIFT_REPORT=%s", &file);
	read_lines(&file);
	assert_string_equal(text(find(&file, "load", "entry"), "program"), "entry");
	entry = find(&file, "attach", "entry");
	leave = find(&file, "attach", "leave");
	check_attach_line(check, entry, "uprobe");
	check_attach_line(check, leave, "uretprobe");
	/* Both are at one function's first instruction. */
	assert_int_equal(number(entry, "offset"), number(leave, "offset"));
	if (check->build != STATIC) {
		assert_string_equal(text(entry, "section"), "uprobe");
		assert_string_equal(text(leave, "section"), "uretprobe");
	}
	assert_string_equal(file_part(text(find(&file, "detach", "entry"), "target")), "target");
	find(&file, "detach", "leave");
	assert_string_equal(text(file.lines[file.nr - 1], "event"), "summary");
	free_lines(&file);
}

/* Both append to one file, and what stays on a perf event says why. */
void check_report_of_processes(void **state)
{
	const struct check *check = *state;
	json_object *line;
	struct file file = {};
	int processes[MAX_LINES], nr = 0, i, known;

	run_with("fork-child-attaches", check, "UPSHIFT_REPORT=%s UPSHIFT_SKIP=entry", &file);
	read_lines(&file);
	for (i = 0; i < file.nr; i++) {
		line = file.lines[i];
		if (strcmp(text(line, "event"), "attach"))
			continue;
		assert_string_equal(text(line, "path"), "perf");
		assert_non_null(strstr(text(line, "reason"), "UPSHIFT_SKIP"));
		for (known = 0; known < nr && processes[known] != number(line, "process"); known++)
			;
		if (known == nr)
			processes[nr++] = number(line, "process");
	}
	assert_int_equal(nr, 2);
	free_lines(&file);
}

/* What could be upgraded but for its tail calls fails rather than stay on perf, and says so. */
void check_require(void **state)
{
	const struct check *check = *state;
	const struct row row = { .name = "tail-call" };
	struct run run = run_scenario(check->build, &row, check->upshift, "UPSHIFT=require");

	assert_false(run_ok(&run));
	assert_non_null(strstr(run.err, "cannot attach"));
	assert_non_null(strstr(run.err, "upshift"));
	assert_non_null(strstr(run.err, check->has_multi ? "tail call" : "uprobe_multi links"));
	assert_null(strstr(run.out, "hits target"));
	run_free(&run);
}

/* All of the log goes there, nothing to standard error. */
void check_log_file(void **state)
{
	const struct check *check = *state;
	struct file file = {};
	char line[4096];
	FILE *stream;
	int attaches = 0;

	run_with("cookies", check, "UPSHIFT_LOG=info UPSHIFT_LOG_FILE=%s", &file);
	stream = fopen(file.path, "re");
	if (!stream)
		fail_msg("there is no log");
	while (fgets(line, sizeof(line), stream))
		attaches += strstr(line, " attach entry to ") != NULL;
	fclose(stream);
	unlink(file.path);
	assert_int_equal(attaches, 3);
}
