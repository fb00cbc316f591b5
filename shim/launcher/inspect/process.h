/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What /proc tells of a process. */
#ifndef UPSHIFT_INSPECT_PROCESS_H
#define UPSHIFT_INSPECT_PROCESS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process_links {
	char type[32]; /* as the kernel names it */
	unsigned int cnt;
};

/* A process that runs. */
struct process {
	pid_t pid; /* 0: it is a file that is inspected */
	char executable[PATH_MAX];
	char preload[PATH_MAX]; /* the libupshift.so that is mapped, or "" */
	char libbpf[PATH_MAX];  /* the shared libbpf that is mapped, or "" */
	bool bcc;
	bool environment_known;
	char **variables; /* UPSHIFT_* and LD_PRELOAD, "NAME=VALUE" */
	size_t variable_cnt;
	struct process_links *links; /* each link once, however many fds it has */
	size_t link_types;
	unsigned int perf_events, programs, maps, fds; /* fds */
};

/** Fills process of a pid. NULL, or why it cannot be read, in words. */
const char *inspect_process(struct process *process, pid_t pid);
void inspect_process_free(struct process *process);

#endif
