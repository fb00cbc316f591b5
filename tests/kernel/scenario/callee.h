/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Somebody who calls traced functions (places.h) when it is set going: by a means that the detach of what was
 * closed before must not depend on.
 */
#ifndef TESTS_CALLEE_H
#define TESTS_CALLEE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A means. */
struct go {
	const char *name;
	bool (*wait)(void); /* in the callee; false at the end */
	void (*tell)(void);
	void (*ready)(void); /* returns when the callee waits, where tell() needs that; or NULL */
};

/* Ends with one that has no name. A thread cannot be set going by ptrace, which comes last. */
extern const struct go ways_to_go[];

enum who {
	MYSELF,
	THREAD,
	CHILD,    /* made by fork(), which has no links */
	STRANGER, /* runs a program of its own */
};

/* One at a time. */
void callee_start(enum who who, const struct go *go);
void callee_ready(void);
/* Sets it going; returns when it has called these. */
void callee_call(int first, int nr);
/*
 * What it calls: functions of libplaces.so, which a child or a stranger opens itself, and this process has
 * mapped for MYSELF and THREAD only.
 */
const char *callee_path(void);
size_t callee_offset(void);
/* In this process: for MYSELF and THREAD, from the next call on. */
void callee_use(const char *places);
pid_t callee_pid(void);
/* The first bytes of a function, as they are in its text. */
unsigned char callee_text(int place);
void callee_stop(void);

/* Of the executable. */
extern const char own_places[];
/* The same of libplaces.so, which is opened. */
const char *open_places(void **library);
size_t file_offset(const char *address);

/* Busy loops on all CPUs. */
void hogs_start(void);
void hogs_stop(void);

/* In a helper process. */
void callee_job(const char *argument);

#endif
