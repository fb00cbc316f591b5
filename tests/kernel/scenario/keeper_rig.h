/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A tool that dies, in a child, and what is left of it then: no link, no breakpoint, no semaphore, and no
 * complaint of the kernel's. Where the kernel detaches links one by one, the tool has few of them.
 */
#ifndef TESTS_KEEPER_RIG_H
#define TESTS_KEEPER_RIG_H

#include <stdatomic.h>
#include "scenario.h"

enum { FEW_LINKS = 6, MANY_LINKS = 100, MOST_LINKS = 4096, TEXT = 16 };

/* What the tool tells, in memory that both have. */
struct seen {
	atomic_bool ready;
	atomic_int nr;
	pid_t daemon;
	__u32 ids[MOST_LINKS]; /* of the links that it has made */
};

struct watch {
	struct rig rig;
	struct seen *seen;
	struct bpf_link *links[MANY_LINKS];
	int nr;
	bool upgraded; /* links are detached many at once */
	int kernel_log;
	int child_input; /* that its children wait for the end of */
	unsigned char text[NR_TARGET_FUNCTIONS][TEXT];
};

void watch_up(struct watch *watch);
/* Prints the hits. */
void watch_down(struct watch *watch);

/* In the tool: links of one program on the target's functions in turn, each counted in a semaphore too. */
void tool_attach(struct watch *watch, int nr);
void tool_attach_some(struct watch *watch);
/* The tool's answer to tool_start(). */
void tool_ready(struct watch *watch);
void wait_to_be_killed(void);
/* "link keeper=yes", now. */
void say_keeper(void);

/* Runs tool() in a child, and waits until it is ready. */
pid_t tool_start(struct watch *watch, void (*tool)(struct watch *watch));
/* Ends it by this signal, or, with 0, waits until it has ended; says how, and what is left. */
void tool_end(struct watch *watch, pid_t tool, int signal, const char *what);
/* What is left of it soon after. */
const char *left_behind(struct watch *watch);
/* Has the kernel, since this was last asked, failed to take a breakpoint out? */
bool kernel_complains(struct watch *watch);
/* Is the link gone, or will be soon? */
bool link_goes(__u32 id);
bool breakpoint_goes(struct watch *watch, int function);
__u32 id_of(int link_fd);

/* As libc's, but nobody sees them. */
long bare_call(long number, long a, long b, long c, long d, long e, long f);
int bare_close(int fd);

#endif
