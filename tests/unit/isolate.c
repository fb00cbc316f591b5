// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "isolate.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fdtable.h"

enum { SECONDS_PER_TEST = 280 };

struct one_test {
	const char *group;
	const struct CMUnitTest *test;
};

/* Of the leak sanitizer, if there is one. */
void __lsan_register_root_region(const void *begin, size_t size) __attribute__((weak));

/** The fd table's memory is not from malloc(), but what it points to is: the sanitizer has to be told. */
static void show_fdtable_to_sanitizer(void)
{
	for (int i = 0; __lsan_register_root_region && i < FDTABLE_CHUNKS; i++)
		if (fdtable_chunks[i])
			__lsan_register_root_region(fdtable_chunks[i],
						    FDTABLE_CHUNK * sizeof(struct fdtable_slot));
}

/** exit(), not _exit(): a leak sanitizer reports there. */
static void run_child(int (*body)(void *arg), void *arg)
{
	int status;

	alarm(SECONDS_PER_TEST);
	status = body(arg);
	show_fdtable_to_sanitizer();
	exit(status);
}

int in_child(int (*body)(void *arg), void *arg)
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (child < 0)
		return 255;
	if (child == 0)
		run_child(body, arg);
	if (waitpid(child, &status, 0) != child)
		return 255;
	if (WIFSIGNALED(status))
		fprintf(stderr, "killed by signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int run_one(void *arg)
{
	const struct one_test *one = arg;

	return _cmocka_run_group_tests(one->group, one->test, 1, NULL, NULL);
}

int run_isolated(const char *group, const struct CMUnitTest *tests, size_t cnt)
{
	int failed = 0;

	for (size_t i = 0; i < cnt; i++) {
		struct one_test one = { .group = group, .test = &tests[i] };

		if (in_child(run_one, &one)) {
			fprintf(stderr, "FAILED: %s: %s\n", group, tests[i].name);
			failed++;
		}
	}
	printf("%s: %zu of %zu tests passed\n", group, cnt - (size_t)failed, cnt);
	return failed;
}
