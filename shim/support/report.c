// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "kernel.h"
#include "log.h"

static const char *const path_names[] = {
	[REPORT_MULTI] = "multi", [REPORT_PERF] = "perf", [REPORT_FAILED] = "failed"
};

static struct {
	atomic_ulong loads[3], attaches[3], detaches, lost;
	atomic_long attached[3]; /* now, in uprobes */
} counts;

/* Written by attaches, which are one at a time; a reason counts from when its text is there. */
static struct {
	char text[128];
	atomic_ulong cnt;
} reasons[16];

enum { REASONS = sizeof(reasons) / sizeof(reasons[0]) };

/** A line of JSON under construction: what does not fit is left out, its end always fits. */
struct json {
	char text[2048];
	size_t len;
};

enum { ROOM_FOR_THE_END = 3, LONGEST_STRING = 1200 };

static void put(struct json *json, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct json *json, const char *format, ...)
{
	const size_t room = sizeof(json->text) - ROOM_FOR_THE_END - json->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(json->text + json->len, room, format, args);
	va_end(args);
	if (len > 0 && (size_t)len < room)
		json->len += (size_t)len;
}

/** Paths that are longer than what fits are cut. */
static void put_string(struct json *json, const char *name, const char *value)
{
	const size_t start = json->len;

	if (!value)
		return;
	put(json, ",\"%s\":\"", name);
	for (; *value && json->len < start + LONGEST_STRING; value++) {
		const unsigned char c = (unsigned char)*value;

		if (c == '"' || c == '\\')
			put(json, "\\%c", c);
		else if (c < 0x20)
			put(json, "\\u%04x", c);
		else
			put(json, "%c", c);
	}
	put(json, "\"");
}

static void begin(struct json *json, const char *event)
{
	struct timespec now;

	sys_clock_gettime(CLOCK_REALTIME, &now);
	json->len = 0;
	put(json, "{\"time\":%lld.%06ld,\"process\":%d,\"event\":\"%s\"", (long long)now.tv_sec,
	    now.tv_nsec / 1000, sys_getpid(), event);
	put_string(json, "command", program_invocation_short_name);
}

static void end(struct json *json)
{
	json->text[json->len++] = '}';
	json->text[json->len++] = '\n';
	if (append_line(config.report, json->text, json->len) < 0)
		atomic_fetch_add(&counts.lost, 1);
}

static void count_reason(const char *reason)
{
	int i = 0;

	while (i < REASONS && atomic_load(&reasons[i].cnt) &&
	       strncmp(reasons[i].text, reason, sizeof(reasons[i].text) - 1) != 0)
		i++;
	if (i == REASONS)
		return;
	if (!atomic_load(&reasons[i].cnt))
		snprintf(reasons[i].text, sizeof(reasons[i].text), "%s", reason);
	atomic_fetch_add(&reasons[i].cnt, 1);
}

static void count_attach(const struct report_line *line)
{
	atomic_fetch_add(&counts.attaches[line->path], 1);
	atomic_fetch_add(&counts.attached[line->path], line->probes);
	if (line->path != REPORT_MULTI)
		count_reason(line->reason);
}

static void count(const struct report_line *line)
{
	switch (line->event[0]) {
	case 'l':
		atomic_fetch_add(&counts.loads[line->path], 1);
		break;
	case 'a':
		count_attach(line);
		break;
	case 'd':
		atomic_fetch_add(&counts.detaches, 1);
		atomic_fetch_sub(&counts.attached[line->path], line->probes);
		break;
	}
}

static void put_attach(struct json *json, const struct report_line *line)
{
	put_string(json, "target", line->target);
	put(json, ",\"offset\":%" PRIu64 ",\"ref_ctr_offset\":%" PRIu64 ",\"cookie\":%" PRIu64 ",\"pid\":%d",
	    line->offset, line->ref_ctr_offset, line->cookie, line->pid);
	put(json, ",\"kind\":\"%c%s\",\"probes\":%u", line->kprobe ? 'k' : 'u',
	    line->retprobe ? "retprobe" : "probe", line->probes);
}

/* Apart from report(), so that the buffer is on the stack only where there is a report. */
__attribute__((noinline)) static void write_line(const struct report_line *line)
{
	struct json json;

	begin(&json, line->event);
	put_string(&json, "path", path_names[line->path]);
	put_string(&json, "reason", line->reason);
	if (line->error)
		put(&json, ",\"errno\":%d", line->error);
	if (line->duration_ns)
		put(&json, ",\"duration_us\":%" PRIu64, line->duration_ns / 1000);
	put_string(&json, "program", line->program);
	put_string(&json, "section", line->section);
	if (line->target)
		put_attach(&json, line);
	end(&json);
}

void report(const struct report_line *line)
{
	int saved_errno = errno;

	count(line);
	log_line(LOG_INFO, "%s %s%s%s: %s (%s)", line->event, line->program ? line->program : "a program",
		 line->target ? " to " : "", line->target ? line->target : "", path_names[line->path],
		 line->reason);
	if (config.report)
		write_line(line);
	errno = saved_errno;
}

long report_attached(enum report_path path)
{
	return atomic_load(&counts.attached[path]);
}

const char *report_reason(unsigned int nth, unsigned long *cnt)
{
	*cnt = nth < REASONS ? atomic_load(&reasons[nth].cnt) : 0;
	return *cnt ? reasons[nth].text : NULL;
}

bool report_is_wanted(void)
{
	return config.report || config.log_level >= LOG_INFO;
}

static void put_counts(struct json *json, const char *name, atomic_ulong by_path[3])
{
	put(json, ",\"%s\":{\"multi\":%lu,\"perf\":%lu,\"failed\":%lu}", name, by_path[REPORT_MULTI],
	    by_path[REPORT_PERF], by_path[REPORT_FAILED]);
}

void report_summary(const char *keeper_missing)
{
	struct json json;

	if (!config.report)
		return;
	begin(&json, "summary");
	put_counts(&json, "loads", counts.loads);
	put_counts(&json, "attaches", counts.attaches);
	put(&json, ",\"detaches\":%lu,\"lines_lost\":%lu", counts.detaches, counts.lost);
	put(&json, ",\"keeper\":%s", keeper_missing ? "false" : "true");
	put_string(&json, "keeper_missing", keeper_missing);
	end(&json);
}
