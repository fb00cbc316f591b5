// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "scenario.h"

#define HIGH_FD 200

struct target {
	pid_t pid;
	FILE *commands, *answers;
};

int high_fd(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);

	if (copy < 0)
		die("cannot copy a file descriptor");
	return copy;
}

const char *own_path(void)
{
	static char path[PATH_MAX];

	if (!*path && readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		die("cannot read /proc/self/exe");
	return path;
}

static char *beside(const char *name)
{
	char own[PATH_MAX], *path;

	strcpy(own, own_path());
	if (asprintf(&path, "%s/%s", dirname(own), name) < 0)
		die("no memory");
	return path;
}

const char *target_path(void)
{
	static const char *path;

	return path ? path : (path = beside("target"));
}

const char *library_path(void)
{
	static const char *path;

	return path ? path : (path = beside("libtarget.so"));
}

static char *ask(struct target *target, char *answer, size_t size, const char *verb, const char *name,
		 int times)
{
	char line[128];
	int length = snprintf(line, sizeof(line), "%s %s %d\n", verb, name, times);

	/* By a call that a preload sees, and not by stdio: what is attached so far is to be traced. */
	if (write(fileno(target->commands), line, (size_t)length) != length ||
	    !fgets(answer, size, target->answers))
		die("the target does not answer \"%s %s %d\"", verb, name, times);
	return answer;
}

static void learn_addresses(struct target *target)
{
	char answer[2048], name[24], *word, *rest = answer;
	unsigned long address;

	ask(target, answer, sizeof(answer), "addresses", "", 0);
	while ((word = strsep(&rest, " \n")))
		if (sscanf(word, "%23[^=]=%lx", name, &address) == 2)
			who_add_symbol(target->pid, name, address);
}

struct target *target_start(const char *who)
{
	return target_start_in(who, target_path);
}

struct target *target_start_in(const char *who, const char *(*prepare)(void))
{
	struct target *target = calloc(1, sizeof(*target));
	int to[2], from[2];

	if (!target || pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("no pipes for the target");
	target->pid = fork();
	if (target->pid < 0)
		die("cannot fork");
	if (!target->pid) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl(prepare(), "target", NULL);
		_exit(127);
	}
	target->commands = fdopen(high_fd(to[1]), "w");
	target->answers = fdopen(high_fd(from[0]), "r");
	close(to[0]);
	close(to[1]);
	close(from[0]);
	close(from[1]);
	who_add(target->pid, who);
	learn_addresses(target);
	return target;
}

void target_stop(struct target *target)
{
	fclose(target->commands);
	fclose(target->answers);
	waitpid(target->pid, NULL, 0);
	free(target);
}

pid_t target_pid(struct target *target)
{
	return target->pid;
}

void target_call(struct target *target, const char *function, int times)
{
	char answer[32];

	ask(target, answer, sizeof(answer), "call", function, times);
}

void target_thread_call(struct target *target, const char *function, int times)
{
	char answer[32];

	ask(target, answer, sizeof(answer), "tcall", function, times);
}

void target_fork_call(struct target *target, const char *function, int times)
{
	char answer[32];

	who_add_like(atoi(ask(target, answer, sizeof(answer), "fork", function, times)), "child",
		     target->pid);
}

void target_unwind(struct target *target, int times)
{
	char answer[64];

	say("child %s", strtok(ask(target, answer, sizeof(answer), "unwind", "f_unwound", times), "\n"));
}

pid_t target_tid(struct target *target)
{
	char answer[32];

	return atoi(ask(target, answer, sizeof(answer), "tid", "", 0));
}

int target_semaphore(struct target *target, const char *name)
{
	char answer[32];

	return atoi(ask(target, answer, sizeof(answer), "semaphore", name, 0));
}

size_t target_offset(struct target *target, const char *symbol)
{
	unsigned long address = who_address(target->pid, symbol), start, end, offset;
	char name[64], line[PATH_MAX + 128];
	size_t found = 0;
	FILE *maps;

	snprintf(name, sizeof(name), "/proc/%d/maps", target->pid);
	maps = fopen(name, "re");
	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 && address >= start &&
		    address < end)
			found = address - start + offset;
	if (!found)
		die("%s is not in the target's maps", symbol);
	fclose(maps);
	return found;
}
