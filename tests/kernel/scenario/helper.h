// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Another process of the same tool, which this one talks to over a socket: its standard input and output. */
#ifndef TESTS_HELPER_H
#define TESTS_HELPER_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct helper {
	pid_t pid;
	int socket;
	FILE *lines;
};

/* Without the parent's preload, where there is one, unless told to keep it. */
struct helper helper_start(bool keep_preload, const char *job, const char *argument);
/* The next line that it printed. */
void helper_line(struct helper *helper, char *line, size_t size);
int helper_receive_fd(struct helper *helper);
/* Ends it. */
void helper_stop(struct helper *helper);

/* In the helper: does the job that the arguments name, if they name one. */
bool helper_run(int argc, char **argv);

#endif
