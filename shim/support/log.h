/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Lines for people: "upshift[PID]: text" on stderr or in UPSHIFT_LOG_FILE.
 *
 * A line is built on the stack and written by one write(2), so that lines of threads and processes do not
 * mix. Nothing here allocates, locks or changes errno; safe wherever write(2) is.
 */
#ifndef UPSHIFT_LOG_H
#define UPSHIFT_LOG_H

#include <stddef.h>

#include "config.h"

void log_write(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What is not wanted costs no stack: a handler that closes an fd may have little. */
#define log_line(level, ...) ((level) <= config.log_level ? log_write(__VA_ARGS__) : (void)0)

/** The name of an errno, also of the one that the kernel shows though it is not for programs. */
const char *errno_name(int error);

/** Appends size bytes to a file, which is created where it is absent; 0 or a negative errno. */
int append_line(const char *path, const char *line, size_t size);

#endif
