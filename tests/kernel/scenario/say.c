// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "scenario.h"

#define EXIT_SKIPPED 77

static FILE *out;

void say_open(void)
{
	out = fdopen(high_fd(1), "w");
	if (!out)
		exit(1);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fputc('\n', out);
	/* At once: a child of fork() must not print it again. */
	fflush(out);
}

static void complain(const char *format, va_list args)
{
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	fprintf(stderr, "errno was %s\n", error_name(error));
	exit(1);
}

void skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	exit(EXIT_SKIPPED);
}

const char *error_name(int error)
{
	static char number[32];
	const char *name = strerrorname_np(error);

	if (name)
		return name;
	/* libbpf has some of its own. */
	snprintf(number, sizeof(number), "libbpf-error-%d", error);
	return number;
}

void say_result(const char *what, bool ok)
{
	say("%s %s", what, ok ? "ok" : error_name(errno));
}
