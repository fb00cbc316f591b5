// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

const char *target_path(void)
{
	static char path[PATH_MAX];
	char own[PATH_MAX - sizeof("/bench-target")] = "";

	if (*path)
		return path;
	if (readlink("/proc/self/exe", own, sizeof(own) - 1) < 0)
		die("cannot read /proc/self/exe");
	snprintf(path, sizeof(path), "%s/bench-target", dirname(own));
	return path;
}

void target_start(struct target *target)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("no pipes for the target");
	target->pid = fork();
	if (target->pid < 0)
		die("cannot fork");
	if (!target->pid) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		unsetenv("LD_PRELOAD");
		execl(target_path(), "bench-target", NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	target->commands = fdopen(to[1], "w");
	target->answers = fdopen(from[0], "r");
}

void target_stop(struct target *target)
{
	fclose(target->commands);
	fclose(target->answers);
	waitpid(target->pid, NULL, 0);
}

void target_tell(struct target *target, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(target->commands, format, args);
	va_end(args);
	if (fflush(target->commands))
		die("the target does not listen");
}

long target_answer(struct target *target)
{
	long value;

	if (fscanf(target->answers, "%ld", &value) != 1)
		die("the target does not answer");
	return value;
}
