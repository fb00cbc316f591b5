// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The environment: every variable, what a bad value costs, and globs. */
#include "isolate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config.h"
#include "fake_kernel.h"
#include "log.h"

/** Reads the configuration with one variable set, and no other. */
static void read_with(const char *name, const char *value)
{
	fake_boot(&fake_linux_6_18);
	clearenv();
	if (name)
		setenv(name, value, 1);
	free((char *)config.only);
	free((char *)config.skip);
	free((char *)config.token);
	free((char *)config.report);
	free((char *)config.log_file);
	config = (struct config){ .log_level = LOG_WARN };
	config_read();
}

static unsigned int lines_on_stderr(void)
{
	unsigned int cnt = 0;

	for (const char *p = fake_stderr(); *p; p++)
		cnt += *p == '\n';
	return cnt;
}

static void expect_defaults(void)
{
	assert_false(config.off || config.require || config.versioned_multi || config.pid_multi ||
		     config.kprobes);
	assert_int_equal(config.detach, DETACH_AUTO);
	assert_int_equal(config.stats, STATS_OFF);
	assert_int_equal(config.log_level, LOG_WARN);
	assert_null(config.log_file);
	assert_null(config.report);
	assert_null(config.only);
	assert_null(config.skip);
	assert_null(config.token);
}

static void nothing_set(void **state)
{
	(void)state;
	read_with(NULL, NULL);
	expect_defaults();
	assert_string_equal(fake_stderr(), "");
}

static void empty_values_are_not_set(void **state)
{
	static const char *const names[] = { "UPSHIFT",
					     "UPSHIFT_LOG",
					     "UPSHIFT_LOG_FILE",
					     "UPSHIFT_REPORT",
					     "UPSHIFT_ONLY",
					     "UPSHIFT_SKIP",
					     "UPSHIFT_COMMANDS",
					     "UPSHIFT_VERSIONED",
					     "UPSHIFT_DETACH",
					     "UPSHIFT_STATS",
					     "UPSHIFT_KPROBES",
					     "UPSHIFT_TOKEN",
					     "LIBBPF_BPF_TOKEN_PATH",
					     "UPSHIFT_PID" };

	(void)state;
	for (size_t i = 0; i < TEST_CNT(names); i++) {
		read_with(names[i], "");
		expect_defaults();
		assert_string_equal(fake_stderr(), "");
	}
}

static void mode(void **state)
{
	(void)state;
	read_with("UPSHIFT", "on");
	expect_defaults();
	read_with("UPSHIFT", "off");
	assert_true(config.off);
	read_with("UPSHIFT", "require");
	assert_true(config.require && !config.off);
}

static void log_level(void **state)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };

	(void)state;
	for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
		read_with("UPSHIFT_LOG", names[level]);
		assert_int_equal(config.log_level, level);
	}
}

/** Those whose values are words: each word is the value of the same number. */
static void words(void **state)
{
	static const char *const detach[] = { "auto", "sync", "async" };
	static const char *const stats[] = { "off", "on", "signal" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		read_with("UPSHIFT_DETACH", detach[i]);
		assert_int_equal(config.detach, i);
		read_with("UPSHIFT_STATS", stats[i]);
		assert_int_equal(config.stats, i);
	}
	read_with("UPSHIFT_KPROBES", "on");
	assert_true(config.kprobes);
	read_with("UPSHIFT_KPROBES", "yes");
	expect_defaults();
	assert_non_null(strstr(fake_stderr(), "UPSHIFT_KPROBES=yes is not one of: off, on; using off"));
}

static void versioned(void **state)
{
	(void)state;
	read_with("UPSHIFT_VERSIONED", "multi");
	assert_true(config.versioned_multi);
	read_with("UPSHIFT_VERSIONED", "perf");
	expect_defaults();
}

static void pid(void **state)
{
	(void)state;
	read_with("UPSHIFT_PID", "multi");
	assert_true(config.pid_multi && !config.versioned_multi);
	read_with("UPSHIFT_PID", "perf");
	expect_defaults();
}

static void only_and_skip(void **state)
{
	(void)state;
	read_with("UPSHIFT_ONLY", "a*:b");
	assert_string_equal(config.only, "a*:b");
	read_with("UPSHIFT_SKIP", "/usr/*");
	assert_string_equal(config.skip, "/usr/*");
}

static void commands(void **state)
{
	(void)state;
	read_with("UPSHIFT_COMMANDS", "bpftrace:other");
	assert_true(config.off);
	read_with("UPSHIFT_COMMANDS", "bpftrace:unit-*");
	assert_false(config.off);
	read_with("UPSHIFT_COMMANDS", program_invocation_short_name);
	assert_false(config.off);
}

/* libbpf's own variable means the same, and ours goes before it. */
static void token(void **state)
{
	char cwd[4096];

	(void)state;
	read_with("LIBBPF_BPF_TOKEN_PATH", "/sys/fs/bpf");
	assert_string_equal(config.token, "/sys/fs/bpf");
	setenv("UPSHIFT_TOKEN", "bpf", 1);
	free((char *)config.token);
	config_read();
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_true(strncmp(config.token, cwd, strlen(cwd)) == 0);
	assert_string_equal(config.token + strlen(cwd), "/bpf");
	/* Whether there is one is seen when one is needed: the tool may enter its namespace later. */
	assert_string_equal(fake_stderr(), "");
}

/** A process where upshift is off opens none of its files. */
static void off_opens_no_file(void **state)
{
	(void)state;
	fake_boot(&fake_linux_6_18);
	clearenv();
	setenv("UPSHIFT_COMMANDS", "other", 1);
	setenv("UPSHIFT_REPORT", "/report", 1);
	setenv("UPSHIFT_LOG_FILE", "/log", 1);
	config_read();
	assert_true(config.off);
	assert_int_equal(fake_calls_of(SYS_openat, -1), 0);
	assert_null(config.report);
}

static void bad_values_cost_one_line(void **state)
{
	static const char *const bad[][3] = {
		{ "UPSHIFT", "yes", "on, off, require" },
		{ "UPSHIFT", "ON", "on, off, require" },
		{ "UPSHIFT_LOG", "loud", "error, warn, info, debug" },
		{ "UPSHIFT_VERSIONED", "1", "perf, multi" },
		{ "UPSHIFT_PID", "4711", "perf, multi" },
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		read_with(bad[i][0], bad[i][1]);
		expect_defaults();
		assert_int_equal(lines_on_stderr(), 1);
		assert_non_null(strstr(fake_stderr(), bad[i][0]));
		assert_non_null(strstr(fake_stderr(), bad[i][1]));
		assert_non_null(strstr(fake_stderr(), bad[i][2]));
	}
}

/* ---- files --------------------------------------------------------------------------------------- */

static void files_are_absolute(void **state)
{
	char cwd[4096];

	(void)state;
	read_with("UPSHIFT_REPORT", "/tmp/report");
	assert_string_equal(config.report, "/tmp/report");
	read_with("UPSHIFT_REPORT", "report");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_true(strncmp(config.report, cwd, strlen(cwd)) == 0);
	assert_string_equal(config.report + strlen(cwd), "/report");
	assert_int_equal(fake_open_fds(), 3);
}

static void files_that_cannot_be_opened_cost_one_line(void **state)
{
	static const char *const names[] = { "UPSHIFT_REPORT", "UPSHIFT_LOG_FILE" };

	(void)state;
	for (size_t i = 0; i < TEST_CNT(names); i++) {
		read_with(names[i], "/missing/file");
		expect_defaults();
		assert_int_equal(lines_on_stderr(), 1);
		assert_non_null(strstr(fake_stderr(), names[i]));
		assert_non_null(strstr(fake_stderr(), "/missing/file"));
		assert_non_null(strstr(fake_stderr(), strerror(ENOENT)));
	}
}

static void a_log_file_takes_the_lines(void **state)
{
	(void)state;
	read_with("UPSHIFT_LOG_FILE", "/log");
	log_line(LOG_WARN, "first %d", 1);
	log_line(LOG_ERROR, "second");
	log_line(LOG_INFO, "too much");
	assert_string_equal(fake_stderr(), "");
	assert_non_null(strstr(fake_file_content("/log"), "first 1\n"));
	assert_non_null(strstr(fake_file_content("/log"), "second\n"));
	assert_null(strstr(fake_file_content("/log"), "too much"));
	assert_int_equal(fake_open_fds(), 3);
}

static void a_log_file_that_is_lost_leaves_stderr(void **state)
{
	(void)state;
	read_with("UPSHIFT_LOG_FILE", "/log");
	fake_fail(SYS_openat, 1, EROFS);
	log_line(LOG_WARN, "hello");
	assert_non_null(strstr(fake_stderr(), "hello\n"));
}

static void long_lines_are_cut(void **state)
{
	char text[3000];

	(void)state;
	read_with(NULL, NULL);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	errno = EXDEV;
	log_line(LOG_WARN, "%s", text);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(lines_on_stderr(), 1);
	assert_in_range(strlen(fake_stderr()), 1000, 1024);
}

/* ---- globs --------------------------------------------------------------------------------------- */

static void globs(void **state)
{
	(void)state;
	assert_true(globs_match("abc", "abc"));
	assert_true(globs_match("x:abc", "abc"));
	assert_true(globs_match("x::a?c:", "abc"));
	assert_true(globs_match("*", ""));
	assert_true(globs_match("uprobe*", "uprobe//usr/bin/x:f"));
	assert_true(globs_match("/usr/*", "/usr/lib/a/b.so"));
	assert_true(globs_match("[ab]c", "bc"));
	assert_false(globs_match("abc", "abcd"));
	assert_false(globs_match("abc:", "ab"));
	assert_false(globs_match("", ""));
	assert_false(globs_match("::", ""));
	assert_false(globs_match("a:b", "a:b"));
	assert_false(globs_match(NULL, "a"));
	assert_false(globs_match("a", NULL));
}

/** Paths may be as long as the kernel takes them. */
static void long_globs(void **state)
{
	char text[1000], list[1010];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = '/';
	text[sizeof(text) - 1] = '\0';
	strcpy(list, "a:");
	strcat(list, text);
	assert_true(globs_match(list, text));
	assert_false(globs_match(list, "/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_set),
		cmocka_unit_test(empty_values_are_not_set),
		cmocka_unit_test(mode),
		cmocka_unit_test(log_level),
		cmocka_unit_test(words),
		cmocka_unit_test(versioned),
		cmocka_unit_test(pid),
		cmocka_unit_test(only_and_skip),
		cmocka_unit_test(commands),
		cmocka_unit_test(token),
		cmocka_unit_test(off_opens_no_file),
		cmocka_unit_test(bad_values_cost_one_line),
		cmocka_unit_test(files_are_absolute),
		cmocka_unit_test(files_that_cannot_be_opened_cost_one_line),
		cmocka_unit_test(a_log_file_takes_the_lines),
		cmocka_unit_test(a_log_file_that_is_lost_leaves_stderr),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(globs),
		cmocka_unit_test(long_globs),
	};

	return RUN_ISOLATED("config", tests);
}
