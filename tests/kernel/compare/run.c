// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "run.h"

#define LONGEST_RUN 120 /* seconds; scenarios end themselves before that */
#define MAX_OPTIONS 8   /* of a mount */

const char *build_name(enum build build)
{
	return build == SHARED ? "shared" : build == STATIC ? "static" : "dlopen";
}

/**
 * What is preloaded: upshift, or nothing. COMPARE_PRELOAD in the environment names other libraries, with ' '
 * between them, and upshift's places among them by words with an '@', which is upshift's path.
 */
static char *preload_list(const char *upshift)
{
	const char *format = getenv("COMPARE_PRELOAD");
	char *words = strdup(format ? format : "@"), *rest = words, *word, *list;
	FILE *stream;
	size_t size, length;

	stream = open_memstream(&list, &size);
	while ((word = strsep(&rest, " "))) {
		length = strcspn(word, "@");
		if (!word[length])
			fprintf(stream, "%s ", word);
		else if (upshift)
			fprintf(stream, "%.*s%s%s ", (int)length, word, upshift, word + length + 1);
	}
	fclose(stream);
	free(words);
	return list;
}

/* Nothing that this machine's user has set decides what is tested. */
static void set_environment(const char *upshift, const char *settings)
{
	char *words = strdup(settings ? settings : ""), *rest = words, *list = preload_list(upshift), *word;
	extern char **environ;
	int i = 0;

	while (environ[i]) {
		word = environ[i];
		if (strncmp(word, "UPSHIFT", 7) && strncmp(word, "LD_", 3) && strncmp(word, "LIBBPF_", 7)) {
			i++;
			continue;
		}
		word = strndup(word, strcspn(word, "="));
		unsetenv(word);
		free(word);
	}
	if (*list)
		setenv("LD_PRELOAD", list, 1);
	while ((word = strsep(&rest, " ")))
		if (*word)
			putenv(word);
}

/* By way of the program that sets up the namespaces, if there are to be any. */
static void become(const char *path, const char *scenario, const char *delegate, const char *options)
{
	char *words = strdup(options ? options : ""), *rest = words, *arguments[MAX_OPTIONS + 8];
	int cnt = 0;

	if (!options)
		execl(path, path, scenario, NULL);
	arguments[cnt++] = (char *)delegate;
	arguments[cnt++] = "0";
	arguments[cnt++] = "/sys/fs/bpf";
	while (cnt < MAX_OPTIONS && (arguments[cnt] = strsep(&rest, " ")))
		cnt++;
	arguments[cnt++] = "--";
	arguments[cnt++] = (char *)path;
	arguments[cnt++] = (char *)scenario;
	arguments[cnt] = NULL;
	execv(delegate, arguments);
}

static void child(enum build build, const struct row *row, const char *preload, const char *settings, int out,
		  int err)
{
	const char *directory = getenv("COMPARE_DIR") ? getenv("COMPARE_DIR") : SCENARIO_DIR;
	char path[4096], delegate[4096];

	snprintf(path, sizeof(path), "%s/scenario-%s", directory, build_name(build));
	snprintf(delegate, sizeof(delegate), "%s/delegate", directory);
	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(out, 1);
	dup2(err, 2);
	/* Inherited file descriptors would be in the scenarios' counts. */
	closefrom(3);
	set_environment(preload, settings);
	become(path, row->scenario ? row->scenario : row->name, delegate, row->delegate);
	_exit(127);
}

/* Reads until the end of both, or for as long as a run may last. */
static void read_both(const int fds[2], char *texts[2])
{
	struct pollfd polls[2] = { { fds[0], POLLIN, 0 }, { fds[1], POLLIN, 0 } };
	FILE *streams[2];
	size_t sizes[2];
	char buffer[4096];
	time_t end = time(NULL) + LONGEST_RUN;
	ssize_t size;
	int i;

	for (i = 0; i < 2; i++)
		streams[i] = open_memstream(&texts[i], &sizes[i]);
	while ((polls[0].fd >= 0 || polls[1].fd >= 0) && time(NULL) < end) {
		poll(polls, 2, 1000);
		for (i = 0; i < 2; i++) {
			if (polls[i].fd < 0 || !polls[i].revents)
				continue;
			size = read(polls[i].fd, buffer, sizeof(buffer));
			if (size > 0)
				fwrite(buffer, 1, size, streams[i]);
			else
				polls[i].fd = -1;
		}
	}
	for (i = 0; i < 2; i++)
		fclose(streams[i]);
}

/* The kernel may need seconds to detach what an ending process has. */
static int status_of(pid_t pid)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	time_t end = time(NULL) + LONGEST_RUN;
	int status = -1;

	while (!waitpid(pid, &status, WNOHANG)) {
		if (time(NULL) > end)
			kill(pid, SIGKILL);
		nanosleep(&moment, NULL);
	}
	return status;
}

/* "link" lines are joined, all lines that are not about links or lower bounds are observations. */
static void take_apart(struct run *run)
{
	char *copy = strdup(run->out), *rest = copy, *line;
	size_t size;
	FILE *observations = open_memstream(&run->observations, &size);
	FILE *links = open_memstream(&run->links, &size);
	bool first = true;

	run->at_least = -1;
	while ((line = strsep(&rest, "\n")) && rest) {
		if (!strncmp(line, "link ", 5)) {
			fprintf(links, "%s%s", first ? "" : "; ", line + 5);
			first = false;
		} else if (!strncmp(line, "at-least ", 9)) {
			run->at_least = atoi(strrchr(line, ' '));
		} else if (strncmp(line, "link-id ", 8)) {
			fprintf(observations, "%s\n", line);
		}
	}
	fclose(observations);
	fclose(links);
	free(copy);
}

struct run run_scenario(enum build build, const struct row *row, const char *preload, const char *settings)
{
	int out[2], err[2], fds[2];
	struct run run = {};
	char *texts[2];
	pid_t pid;

	assert_false(pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC));
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		child(build, row, preload, settings, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	fds[0] = out[0];
	fds[1] = err[0];
	read_both(fds, texts);
	close(out[0]);
	close(err[0]);
	run.status = status_of(pid);
	run.out = texts[0];
	run.err = texts[1];
	take_apart(&run);
	return run;
}

void run_free(struct run *run)
{
	free(run->out);
	free(run->err);
	free(run->observations);
	free(run->links);
}

bool run_ok(const struct run *run)
{
	return WIFEXITED(run->status) && !WEXITSTATUS(run->status);
}

bool run_skipped(const struct run *run)
{
	return WIFEXITED(run->status) && WEXITSTATUS(run->status) == EXIT_SKIPPED;
}

int count_lines(const char *text)
{
	int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}
