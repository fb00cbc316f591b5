/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The UPSHIFT_* environment variables, and LIBBPF_BPF_TOKEN_PATH, read once, at the process's first BPF call.
 *
 * secure_getenv(), so a program that runs with more privilege than its caller ignores them. A value that
 * cannot be read costs one line on stderr and leaves the default. After config_read() the configuration
 * never changes and may be read from any thread without a lock.
 */
#ifndef UPSHIFT_CONFIG_H
#define UPSHIFT_CONFIG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* UPSHIFT_DETACH: when a detach is complete. */
enum detach_mode {
	DETACH_AUTO,  /* no later hit counts when the close returns; running handlers are waited for by who
			 reads */
	DETACH_SYNC,  /* all is over when the close returns */
	DETACH_ASYNC, /* nobody waits */
};

/* UPSHIFT_STATS: who is told what is attached. */
enum stats_mode { STATS_OFF, STATS_ON, STATS_SIGNAL };

struct config {
	bool off;     /* UPSHIFT=off, or UPSHIFT_COMMANDS names other processes */
	bool require; /* UPSHIFT=require: fail rather than leave an eligible attach on the perf path */
	bool versioned_multi; /* UPSHIFT_VERSIONED=multi */
	bool pid_multi;       /* UPSHIFT_PID=multi */
	bool kprobes;         /* UPSHIFT_KPROBES=on */
	enum detach_mode detach;
	bool keep; /* not UPSHIFT_KEEP=off */
	enum stats_mode stats;
	enum log_level log_level;
	const char *log_file; /* absolute path, or NULL for stderr */
	const char *report;   /* absolute path, or NULL */
	const char *only;     /* globs with ':' between, or NULL */
	const char *skip;
	const char *token; /* UPSHIFT_TOKEN: absolute path of a BPF file system, or NULL */
};

extern struct config config;

/** Fills config from the environment. Allocates; not thread-safe, called once. */
void config_read(void);

/** Does one of the globs in list match text? A NULL list or text matches nothing. Thread-safe. */
bool globs_match(const char *list, const char *text);

#endif
